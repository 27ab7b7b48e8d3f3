using VecSql.Core.Types;
using VecSql.Planner.Expressions;
using VecSql.Planner.Physical;

namespace VecSql.Planner.Lowering;

/// <summary>A physical plan and which column (by id) stands at each place of its output.</summary>
internal sealed class Lowered
{
    private readonly Dictionary<int, int> _places = [];

    public Lowered(PhysicalPlan plan, IReadOnlyList<int> columns)
    {
        Plan = plan;
        Columns = columns;
        for (int i = 0; i < columns.Count; i++) _places.TryAdd(columns[i], i);
    }

    public PhysicalPlan Plan { get; }
    public IReadOnlyList<int> Columns { get; }

    public bool Has(int column) => _places.ContainsKey(column);
    public int PlaceOf(int column) => _places.GetValueOrDefault(column, -1);

    public Lowered With(PhysicalPlan plan) => new(plan, Columns);
}

/// <summary>Names that a dependent plan may refer to: the columns of the rows it is run for. Each one used gets a slot.</summary>
internal sealed class CorrelationScope(Lowered outer)
{
    private readonly Dictionary<int, CorrelationBinding> _slots = [];
    private readonly Dictionary<int, SqlType> _passed = [];

    public Lowered Outer { get; } = outer;

    public CorrelatedExpression Use(int column, SqlType type, ref int nextSlot)
    {
        if (!_slots.TryGetValue(column, out CorrelationBinding? binding))
        {
            binding = new CorrelationBinding(nextSlot++, new InputExpression(Outer.PlaceOf(column), type));
            _slots[column] = binding;
        }
        return new CorrelatedExpression(binding.Slot, type);
    }

    /// <summary>Notes that what is inside also depends on a slot of a scope further out.</summary>
    public void Pass(int slot, SqlType type) => _passed[slot] = type;

    public IReadOnlyList<CorrelationBinding> Bindings => [.. _slots.Values.OrderBy(b => b.Slot)];

    /// <summary>The bindings, with the outer slots that are looked at bound to themselves: results kept by slot values must tell them apart.</summary>
    public IReadOnlyList<CorrelationBinding> BindingsWithPassed =>
        [.. Bindings, .. _passed.OrderBy(p => p.Key).Select(p => new CorrelationBinding(p.Key, new CorrelatedExpression(p.Key, p.Value)))];
}
