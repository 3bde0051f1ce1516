namespace Slaps.Repository.Tests;

/// <summary>
/// The core decides without touching anything. The banned symbols stop the build with a sentence where somebody writes one of them; here
/// the compiled assembly is read, so that a file of banned symbols with a gap, or a #pragma, changes nothing.
/// </summary>
public sealed class PurityTests
{
    /// <summary>Namespaces of which the core may use no type.</summary>
    private static readonly string[] Banned =
    [
        "System.IO.", "System.Net.", "System.Threading.", "System.Timers.", "System.Diagnostics.Process", "System.Diagnostics.Stopwatch",
        "System.Console", "System.Environment", "System.Random", "System.TimeProvider", "System.AppDomain", "System.AppContext",
        "System.Security.Cryptography.RandomNumberGenerator", "System.Runtime.InteropServices.NativeLibrary", "System.Reflection.Assembly::",
        "System.Runtime.CompilerServices.IAsyncStateMachine", "System.Runtime.CompilerServices.Async", "System.Runtime.CompilerServices.TaskAwaiter",
        "System.DateTime::get_Now", "System.DateTime::get_UtcNow", "System.DateTime::get_Today",
        "System.DateTimeOffset::get_Now", "System.DateTimeOffset::get_UtcNow", "System.Guid::NewGuid", "System.Guid::CreateVersion7",
    ];

    /// <summary>What lies in those namespaces and yet works in memory alone.</summary>
    private static readonly string[] Harmless =
    [
        "System.IO.Stream", "System.IO.MemoryStream", "System.IO.TextWriter", "System.IO.StringWriter", "System.IO.TextReader", "System.IO.StringReader",
        "System.IO.InvalidDataException", "System.Threading.CancellationToken",

        // The compiler writes this into every iterator method, to see whether it can hand out the first enumerator itself.
        "System.Environment::get_CurrentManagedThreadId",
    ];

    [Fact]
    public void The_core_touches_no_clock_dice_file_thread_or_task() => Assert.Empty(Impure(Compiled.Read("Slaps.Core.dll")));

    [Theory]
    [InlineData("System.DateTimeOffset::get_UtcNow")]
    [InlineData("System.Guid::NewGuid")]
    [InlineData("System.Random::get_Shared")]
    [InlineData("System.IO.File::Exists")]
    [InlineData("System.Environment::get_ProcessId")]
    [InlineData("System.Threading.Thread::Sleep")]
    [InlineData("System.Runtime.CompilerServices.AsyncTaskMethodBuilder::Create")]
    public void The_rule_sees_what_this_assembly_does(string sin) => Assert.Contains(sin, Impure(Compiled.Read("Slaps.Repository.Tests.dll")));

    [Fact]
    public void The_runtime_starts_processes_by_itself_so_that_each_gets_its_own_group() =>
        Assert.DoesNotContain(Compiled.Read("Slaps.Runtime.dll").Types, type => type.StartsWith("System.Diagnostics.Process", StringComparison.Ordinal));

    private static IEnumerable<string> Impure(Compiled assembly) =>
        from name in assembly.Members.Concat(assembly.Types)
        where Banned.Any(banned => name.StartsWith(banned, StringComparison.Ordinal))
        where !Harmless.Any(harmless => Covers(harmless, name))
        where name != "System.Environment"   // The bare type comes with the harmless member; its other members are seen by themselves.
        orderby name
        select name;

    private static bool Covers(string harmless, string name) => name == harmless || name.StartsWith(harmless + "::", StringComparison.Ordinal);

    /// <summary>Never called: it gives the rule something to see.</summary>
    internal static async Task Sin()
    {
        Thread.Sleep(Random.Shared.Next());
        await File.WriteAllTextAsync($"{DateTimeOffset.UtcNow}", $"{Guid.NewGuid()} {Environment.ProcessId} {File.Exists("")}");
    }
}
