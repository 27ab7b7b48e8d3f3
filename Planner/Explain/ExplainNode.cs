using VecSql.Planner.Physical;

namespace VecSql.Planner.Explain;

/// <summary>A node as EXPLAIN shows it.</summary>
/// <param name="title">Of the text form, without what it is on: "Index Scan using i".</param>
/// <param name="type">JSON's "Node Type".</param>
internal sealed class ExplainNode(string title, string type, PhysicalPlan plan)
{
    public string Title { get; set; } = title;
    public string Type { get; } = type;
    public PhysicalPlan Plan { get; } = plan;

    /// <summary>JSON's fields that describe the node, in order.</summary>
    public List<(string Name, object Value)> Fields { get; } = [];

    /// <summary>Lines under the node: label and text, or several texts.</summary>
    public List<(string Label, IReadOnlyList<string> Values)> Properties { get; } = [];
    public List<ExplainChild> Children { get; } = [];

    public ExplainNode With(string label, string? value)
    {
        if (value is not null) Properties.Add((label, [value]));
        return this;
    }

    public ExplainNode With(string label, IReadOnlyList<string> values)
    {
        if (values.Count > 0) Properties.Add((label, values));
        return this;
    }

    public ExplainNode Over(params ReadOnlySpan<ExplainNode> children)
    {
        foreach (ExplainNode child in children) Children.Add(new ExplainChild(child, Children.Count == 0 ? "Outer" : "Inner", null));
        return this;
    }
}

/// <summary>A node below another.</summary>
/// <param name="Relationship">Outer, Inner, Member, InitPlan, SubPlan.</param>
/// <param name="Name">Of subplans and CTEs, shown on a line of its own.</param>
internal sealed record ExplainChild(ExplainNode Node, string Relationship, string? Name);
