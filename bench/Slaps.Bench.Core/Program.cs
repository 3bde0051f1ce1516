using Slaps.Bench.Core;

if (args is ["sizes", ..]) return Sizes.Run(args.Length > 1 ? int.Parse(args[1]) : 1_000_000);
if (args is ["latencies", ..]) return Latencies.Run(args.Length > 1 ? int.Parse(args[1]) : 10_000);

// Microseconds an event of Decide and Evolve, without journal, in virtual time, eight workers: each story at a quarter of its size and at its
// full size, so that what grows faster than the plan shows. Usage: Slaps.Bench.Core [TASKS] [STORY]; bench/core shows the rest.
var count = args.Length > 0 ? int.Parse(args[0]) : 100_000;
Console.WriteLine($"{"story",-34}{"tasks",9}{"events",10}{"build ms",10}{"us/event",10}{"at 1/4",9}{"growth",8}");
foreach (var (name, plan, fails) in Stories.All.Where(s => args.Length < 2 || s.Name.Contains(args[1], StringComparison.Ordinal)))
{
    Story.Run(plan(Math.Min(count, 2_000)), fails);
    var quarter = Story.Run(plan(count / 4), fails);
    var full = Story.Run(plan(count), fails);
    Console.WriteLine($"{name,-34}{count,9}{full.Events,10}{full.BuildMs,10:0}{full.Microseconds,10:0.00}{quarter.Microseconds,9:0.00}{full.Microseconds / quarter.Microseconds,8:0.00}");
}

return 0;
