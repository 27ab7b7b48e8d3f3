using VecSql.Core.Columns;
using VecSql.Core.Environment;

namespace VecSql.Core.Functions;

/// <summary>count(*), count(x), regr_count(y, x): rows in which no argument is null.</summary>
internal sealed class CountAggregate : AggregateFunction
{
    public static void Register(FunctionLibrary library)
    {
        library.Add("count()", new CountAggregate());
        library.Add("count(any)", new CountAggregate());
        library.Add("regr_count(float8,float8)", new CountAggregate());
    }

    public override AggregateState CreateState() => new State();

    private sealed class State : GroupedState<long>
    {
        public override bool CanRetract => true;

        public override void Update(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context) => Count(arguments, selection, groups, 1);
        public override void Retract(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, EvalContext context) => Count(arguments, selection, groups, -1);

        private void Count(ReadOnlySpan<Column> arguments, Selection selection, ReadOnlySpan<int> groups, long weight)
        {
            long[] counts = Groups;
            bool mayHaveNulls = false;
            foreach (Column argument in arguments) mayHaveNulls |= argument.MayHaveNulls;
            if (!mayHaveNulls)
            {
                foreach (int group in groups[..selection.Count]) counts[group] += weight;
                return;
            }
            for (int i = 0; i < selection.Count; i++)
                if (!new RowArguments(arguments, selection[i]).AnyNull()) counts[groups[i]] += weight;
        }

        protected override void MergeGroup(ref long group, in long other) => group += other;
        protected override void FinishGroup(in long group, ColumnBuilder result) => ((ColumnBuilder<long>)result).Append(group);
    }
}
