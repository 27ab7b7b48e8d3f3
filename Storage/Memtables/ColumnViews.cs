using VecSql.Core.Columns;
using VecSql.Core.Errors;

namespace VecSql.Storage.Memtables;

/// <summary>Columns over raw buffers, by kind: the one place that turns a stored kind into a typed column.</summary>
internal static class ColumnViews
{
    public static Column Fixed(PhysicalKind kind, ReadOnlyMemory<byte> values, ReadOnlyMemory<byte> validity, int length, bool isConstant = false) => kind switch
    {
        PhysicalKind.Bool => new Column<bool>(values, validity, length, isConstant),
        PhysicalKind.Byte => new Column<byte>(values, validity, length, isConstant),
        PhysicalKind.Int16 => new Column<short>(values, validity, length, isConstant),
        PhysicalKind.Int32 => new Column<int>(values, validity, length, isConstant),
        PhysicalKind.Int64 => new Column<long>(values, validity, length, isConstant),
        PhysicalKind.UInt32 => new Column<uint>(values, validity, length, isConstant),
        PhysicalKind.Float32 => new Column<float>(values, validity, length, isConstant),
        PhysicalKind.Float64 => new Column<double>(values, validity, length, isConstant),
        PhysicalKind.Interval => new Column<IntervalValue>(values, validity, length, isConstant),
        PhysicalKind.Uuid => new Column<UuidValue>(values, validity, length, isConstant),
        PhysicalKind.TimeTz => new Column<TimeTzValue>(values, validity, length, isConstant),
        _ => throw Invariant.Unreachable(kind),
    };
}
