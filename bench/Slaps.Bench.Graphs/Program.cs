using System.Diagnostics;
using Slaps.Bench.Graphs;
using Slaps.Core.Plans.Graphs;

// For each graph: its edges, the fewest edges, its width with both of its proofs checked, and the milliseconds of the two.
// Usage: Slaps.Bench.Graphs FOLDER [NAME], where the folder holds archives of .dag.json; without a folder, made graphs alone.
var graphs = args.Length > 0 && args[0].Length > 0 ? DagFiles.Read(args[0]) : [];
var made = MadeGraphs.All.Select(g => new NamedGraph(g.Name, g.Make()));
Console.WriteLine($"{"graph",-62}{"tasks",8}{"edges",9}{"reduced",9}{"depth",7}{"width",8}{"exact",7}{"reduce ms",11}{"width ms",10}");
var all = Stopwatch.StartNew();
var (count, edges, wrong) = (0, 0L, 0);
foreach (var (name, graph) in graphs.Concat(made).Where(g => args.Length < 2 || g.Name.Contains(args[1], StringComparison.Ordinal)))
{
    var clock = Stopwatch.StartNew();
    var reduced = TransitiveReduction.Of(graph).Graph;
    var reduceMs = clock.Elapsed.TotalMilliseconds;
    clock.Restart();
    var width = GraphWidth.Of(reduced);
    var widthMs = clock.Elapsed.TotalMilliseconds;
    var complaint = Certificate.Refuse(graph, reduced, width);
    if (complaint is not null) wrong++;
    (count, edges) = (count + 1, edges + graph.EdgeCount);
    var size = width.IsExact ? $"{width.AtLeast}" : $"{width.AtLeast}..{width.AtMost}";
    Console.WriteLine($"{name,-62}{graph.Count,8}{graph.EdgeCount,9}{reduced.EdgeCount,9}{graph.Depths().DefaultIfEmpty(-1).Max() + 1,7}{size,8}{(width.IsExact ? "yes" : "no"),7}{reduceMs,11:0.0}{widthMs,10:0.0}  {complaint}");
}

Console.WriteLine($"{count} graphs, {edges} edges, {wrong} whose proofs fail, {all.Elapsed.TotalSeconds:0.0} s with reading");
return wrong == 0 ? 0 : 1;
