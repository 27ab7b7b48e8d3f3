using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VecSql.Planner.Explain;

/// <summary>EXPLAIN: a plan as PostgreSQL-like text lines, or as one JSON document.</summary>
public static class PlanExplainer
{
    /// <returns>Lines of the result's one column; JSON is a single, many-lined value.</returns>
    public static IReadOnlyList<string> Explain(QueryPlan plan, PlanningContext context, ExplainOptions options)
    {
        ExplainNode root = new ExplainTree(context, plan).Build();
        return options.Format == ExplainFormat.Json ? [Json(root, options)] : Text(root, options);
    }

    private static List<string> Text(ExplainNode root, ExplainOptions options)
    {
        List<string> lines = [];
        AddText(root, 0, "", options, lines);
        if (options.PlanningMs is { } planning) lines.Add($"Planning Time: {Ms(planning)} ms");
        if (options.ExecutionMs is { } execution) lines.Add($"Execution Time: {Ms(execution)} ms");
        return lines;
    }

    private static string Ms(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Cost(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static void AddText(ExplainNode node, int indent, string arrow, ExplainOptions options, List<string> lines)
    {
        Parser.SqlParser.CheckStack();
        StringBuilder line = new();
        line.Append(' ', indent).Append(arrow).Append(node.Title);
        if (options.Costs)
        {
            Physical.Estimate e = node.Plan.Estimate;
            line.Append(CultureInfo.InvariantCulture, $"  (cost={Cost(e.StartupCost)}..{Cost(e.TotalCost)} rows={e.Rows:0} width={e.Width})");
        }
        NodeActuals? actuals = options.Actuals?.Invoke(node.Plan);
        if (actuals is { Loops: > 0 })
        {
            double loops = actuals.Loops;
            string time = options.Timing ? $"time={Ms(actuals.FirstMs / loops)}..{Ms(actuals.TotalMs / loops)} " : "";
            line.Append(CultureInfo.InvariantCulture, $" (actual {time}rows={Math.Round(actuals.Rows / loops):0} loops={actuals.Loops})");
        }
        else if (options.Actuals is not null) line.Append(" (never executed)");
        lines.Add(line.ToString());
        int inner = indent + arrow.Length + 2;
        foreach ((string label, IReadOnlyList<string> values) in node.Properties) lines.Add($"{new string(' ', inner)}{label}: {string.Join(", ", values)}");
        // A Hash only passes its input on: what that removed stands there.
        if (node.Type == "Hash") actuals = null;
        if (actuals is { RowsRemoved: > 0 }) lines.Add($"{new string(' ', inner)}Rows Removed by Filter: {actuals.RowsRemoved / Math.Max(1, actuals.Loops)}");
        if (actuals is { RowsRemovedAtRuntime: > 0 }) lines.Add($"{new string(' ', inner)}Rows Removed by Runtime Filter: {actuals.RowsRemovedAtRuntime / Math.Max(1, actuals.Loops)}");
        foreach ((string label, string value) in actuals?.Details ?? new Dictionary<string, string>()) lines.Add($"{new string(' ', inner)}{label}: {value}");
        foreach (ExplainChild child in node.Children)
        {
            int at = inner;
            if (child.Name is not null)
            {
                lines.Add(new string(' ', inner) + child.Name);
                at += 2;
            }
            AddText(child.Node, at, "->  ", options, lines);
        }
    }

    private static string Json(ExplainNode root, ExplainOptions options)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            writer.WriteStartObject();
            writer.WritePropertyName("Plan");
            WriteNode(writer, root, null, options);
            if (options.PlanningMs is { } planning) writer.WriteNumber("Planning Time", Math.Round(planning, 3));
            if (options.ExecutionMs is { } execution) writer.WriteNumber("Execution Time", Math.Round(execution, 3));
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteNode(Utf8JsonWriter writer, ExplainNode node, ExplainChild? asChild, ExplainOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("Node Type", node.Type);
        if (asChild is not null) writer.WriteString("Parent Relationship", asChild.Relationship);
        if (asChild?.Name is { } name) writer.WriteString("Subplan Name", name);
        writer.WriteBoolean("Parallel Aware", false);
        foreach ((string field, object value) in node.Fields) writer.WriteString(field, value.ToString());
        if (options.Costs)
        {
            Physical.Estimate e = node.Plan.Estimate;
            writer.WriteNumber("Startup Cost", Math.Round(e.StartupCost, 2));
            writer.WriteNumber("Total Cost", Math.Round(e.TotalCost, 2));
            writer.WriteNumber("Plan Rows", Math.Round(e.Rows));
            writer.WriteNumber("Plan Width", e.Width);
        }
        if (options.Actuals is not null) WriteActuals(writer, options.Actuals(node.Plan), options);
        foreach ((string label, IReadOnlyList<string> values) in node.Properties.DistinctBy(p => p.Label))
        {
            if (values.Count == 1 && label is not ("Sort Key" or "Group Key")) writer.WriteString(label, values[0]);
            else
            {
                writer.WriteStartArray(label);
                foreach (string value in values) writer.WriteStringValue(value);
                writer.WriteEndArray();
            }
        }
        if (node.Children.Count > 0)
        {
            writer.WriteStartArray("Plans");
            foreach (ExplainChild child in node.Children) WriteNode(writer, child.Node, child, options);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteActuals(Utf8JsonWriter writer, NodeActuals? actuals, ExplainOptions options)
    {
        long loops = Math.Max(1, actuals?.Loops ?? 1);
        if (options.Timing)
        {
            writer.WriteNumber("Actual Startup Time", Math.Round((actuals?.FirstMs ?? 0) / loops, 3));
            writer.WriteNumber("Actual Total Time", Math.Round((actuals?.TotalMs ?? 0) / loops, 3));
        }
        writer.WriteNumber("Actual Rows", Math.Round((actuals?.Rows ?? 0) / (double)loops));
        writer.WriteNumber("Actual Loops", actuals?.Loops ?? 0);
        if (actuals is { RowsRemoved: > 0 }) writer.WriteNumber("Rows Removed by Filter", actuals.RowsRemoved / loops);
        if (actuals is { RowsRemovedAtRuntime: > 0 }) writer.WriteNumber("Rows Removed by Runtime Filter", actuals.RowsRemovedAtRuntime / loops);
        foreach ((string label, string value) in actuals?.Details ?? new Dictionary<string, string>()) writer.WriteString(label, value);
    }
}
