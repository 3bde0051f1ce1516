using System.Text;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime;
using Slaps.Runtime.State;

// A process to be killed. With "hold" and a folder it takes the lock of that folder's state directory, starts a child, prints the child's
// pid, and waits.
if (args is ["hold", var folder])
{
    using var taken = StateLock.TryAcquire(StateDirectory.Find(folder), "hold", TimeProvider.System, out _) ?? throw new InvalidOperationException("Held by another.");
    using var child = System.Diagnostics.Process.Start("sleep", "600");
    Console.WriteLine(child.Id);
    Thread.Sleep(Timeout.Infinite);
}

// With the path of a journal it appends events to it, five a commit, and prints the number of the last event after each append that the
// journal has acknowledged. It goes on from where an earlier one was killed.
var execution = new ExecutionId("crash");
using var journal = SqliteJournal.OpenWriter(args[0]);
if (journal.Executions().Count == 0) journal.Create(new(execution, "/plan", "sha256:1", new(1)), "{}"u8, []);

var position = 0L;
foreach (var stored in journal.Read(execution)) position = stored.Seq;

while (true)
{
    var batch = new StoredEvent[5];
    for (var i = 0; i < batch.Length; i++)
    {
        var seq = position + 1 + i;
        batch[i] = new StoredEvent(seq, seq, "task_ready", Encoding.UTF8.GetBytes($"{{\"task\":\"T{seq}\"}}"));
    }

    journal.Append(execution, position, batch);
    position += batch.Length;
    Console.WriteLine(position);
}
