/* The floor under every runner: starts a program so many times, so many at once, with posix_spawn, and waits for each. It does nothing else.
   Usage: spawn TIMES AT_ONCE PROGRAM */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static void start(char *program)
{
    char *argv[] = { program, NULL };
    pid_t pid;
    int error = posix_spawn(&pid, program, NULL, NULL, argv, environ);
    if (error != 0) {
        fprintf(stderr, "%s cannot be started: %s.\n", program, strerror(error));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("Usage: spawn TIMES AT_ONCE PROGRAM\n", stderr);
        return 2;
    }

    long to_start = atol(argv[1]), free_places = atol(argv[2]), running = 0;
    while (to_start > 0 || running > 0) {
        while (to_start > 0 && free_places > 0) {
            start(argv[3]);
            to_start--, free_places--, running++;
        }

        int status;
        if (wait(&status) < 0) {
            if (errno == EINTR) continue;
            perror("wait");
            return 1;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fprintf(stderr, "%s failed.\n", argv[3]);
            return 1;
        }
        running--, free_places++;
    }
    return 0;
}
