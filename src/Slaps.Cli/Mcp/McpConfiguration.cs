using System.Text.Encodings.Web;
using System.Text.Json;

namespace Slaps.Cli.Mcp;

/// <summary>What to paste so that an agent starts this program as a server.</summary>
internal static class McpConfiguration
{
    /// <summary>The agents whose configuration is known.</summary>
    public static readonly string[] Agents = ["claude", "codex", "gemini", "vscode"];

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The lines, and in which file they belong.</summary>
    public static (string Text, string Where) For(string agent, string program)
    {
        var quoted = JsonSerializer.Serialize(program, Readable);
        return agent switch
        {
            "claude" => ($$"""
                {
                  "mcpServers": {
                    "tasks": { "command": {{quoted}}, "args": ["mcp"] }
                  }
                }

                """, "Paste it into .mcp.json in the project's root."),
            "codex" => ($"""
                [mcp_servers.tasks]
                command = {quoted}
                args = ["mcp"]

                """, "Paste it into ~/.codex/config.toml, or into .codex/config.toml of a project that codex trusts. Start codex in the project."),
            "gemini" => ($$"""
                {
                  "mcpServers": {
                    "tasks": { "command": {{quoted}}, "args": ["mcp"] }
                  }
                }

                """, "Paste it into .gemini/settings.json in the project's root."),
            _ => ($$"""
                {
                  "servers": {
                    "tasks": { "type": "stdio", "command": {{quoted}}, "args": ["mcp"], "cwd": "${workspaceFolder}" }
                  }
                }

                """, "Paste it into .vscode/mcp.json in the project's root."),
        };
    }

    /// <summary>How another program starts this one: by its name where that leads here, else by its path.</summary>
    public static string Program()
    {
        var self = Environment.ProcessPath ?? "tasks";
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "tasks")).FirstOrDefault(File.Exists);
        return found is not null && Real(found) == Real(self) ? "tasks" : self;
    }

    private static string Real(string path) => Runtime.State.StateDirectory.RealPath(path) ?? path;
}
