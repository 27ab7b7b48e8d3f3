using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>(start, end) OVERLAPS (start, end), where an end may be given as a length, and bounds may be null as far as the answer doesn't depend on them.</summary>
internal static class OverlapsFunctions
{
    private delegate T Length<T>(T start, IntervalValue span, EvalContext context) where T : unmanaged;

    public static void Register(FunctionLibrary library)
    {
        Comparison<long> byNumber = static (left, right) => left.CompareTo(right);
        Add(library, "overlaps_time", byNumber);
        Add(library, "overlaps_timestamp", byNumber);
        Add<TimeTzValue>(library, "overlaps_timetz", TimeTzType.Order);
        AddWithLengths(library, "time", byNumber, static (start, span, _) => DateTimeArithmetic.Wrap(unchecked(start + span.Micros)));
        AddWithLengths(library, "timestamp", byNumber, static (start, span, _) => TimestampMath.Add(start, span, null));
        AddWithLengths(library, "timestamptz", byNumber, static (start, span, context) => TimestampMath.Add(start, span, ZoneCatalog.Of(context.Display)));
    }

    private static void Add<T>(FunctionLibrary library, string key, Comparison<T> order) where T : unmanaged =>
        library.Rowwise(key, (in a, r, _) => Put(r, Overlap(At<T>(a, 0), At<T>(a, 1), At<T>(a, 2), At<T>(a, 3), order)));

    private static void AddWithLengths<T>(FunctionLibrary library, string type, Comparison<T> order, Length<T> end) where T : unmanaged
    {
        library.Rowwise($"overlaps({type},interval,{type},interval)",
            (in a, r, c) => Put(r, Overlap(At<T>(a, 0), End(a, 0, end, c), At<T>(a, 2), End(a, 2, end, c), order)));
        library.Rowwise($"overlaps({type},{type},{type},interval)", (in a, r, c) => Put(r, Overlap(At<T>(a, 0), At<T>(a, 1), At<T>(a, 2), End(a, 2, end, c), order)));
        library.Rowwise($"overlaps({type},interval,{type},{type})", (in a, r, c) => Put(r, Overlap(At<T>(a, 0), End(a, 0, end, c), At<T>(a, 2), At<T>(a, 3), order)));
    }

    private static T? At<T>(in RowArguments arguments, int place) where T : unmanaged => arguments.IsNull(place) ? null : arguments.Get<T>(place);

    private static T? End<T>(in RowArguments arguments, int start, Length<T> end, EvalContext context) where T : unmanaged =>
        arguments.IsNull(start) || arguments.IsNull(start + 1) ? null : end(arguments.Get<T>(start), arguments.Get<IntervalValue>(start + 1), context);

    private static void Put(ColumnBuilder result, bool? answer)
    {
        if (answer is { } known) DateTimeArithmetic.Put(result, known);
        else result.AppendNull();
    }

    private static bool? Overlap<T>(T? start1, T? end1, T? start2, T? end2, Comparison<T> order) where T : unmanaged
    {
        if (!Arrange(ref start1, ref end1, order) || !Arrange(ref start2, ref end2, order)) return null;
        int starts = order(start1!.Value, start2!.Value);
        if (starts == 0) return end1 is null || end2 is null ? null : true;
        // The pair that starts later must start before the other's end.
        (T later, T? end, T? own) = starts > 0 ? (start1.Value, end2, end1) : (start2.Value, end1, end2);
        if (end is null) return null;
        return order(later, end.Value) < 0 ? true : own is null ? null : false;
    }

    /// <summary>Puts the earlier bound first, a null one last; false if both are null.</summary>
    private static bool Arrange<T>(ref T? start, ref T? end, Comparison<T> order) where T : unmanaged
    {
        if (start is null || (end is not null && order(start.Value, end.Value) > 0)) (start, end) = (end, start);
        return start is not null;
    }
}
