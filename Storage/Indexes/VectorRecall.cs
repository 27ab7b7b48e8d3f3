using VecSql.Core.Errors;
using VecSql.Storage.Contracts;
using VecSql.Storage.Tables;

namespace VecSql.Storage.Indexes;

/// <summary>
/// Recall as it is now, over what the snapshot sees: sampled rows as queries, each as if it weren't in the index (its own links would lead straight to its neighbours), by the index and exactly.
/// </summary>
internal static class VectorRecall
{
    /// <param name="request">Its query and filter are not looked at.</param>
    /// <exception cref="SqlException">42809.</exception>
    public static double Measure(IndexStore index, TableReader reader, VectorSearchRequest request, int sample)
    {
        if (index is not VectorIndex vectors) throw new SqlException(SqlState.WrongObjectType, $"index \"{index.Definition.Name}\" is not a vector index");
        using var search = new VectorSearch(vectors, reader);
        int k = request.Limit;
        long[] ids = new long[k];
        double[] found = new double[k], exact = new double[k];
        long hits = 0, possible = 0;
        foreach ((VectorPiece piece, int node) in Sample(search.Pieces, sample))
        {
            search.BeginAround(piece, node, request with { IsExact = true });
            int available = CountNear(exact, search.Next(ids, exact));
            if (available == 0) continue;
            search.BeginAround(piece, node, request);
            int count = CountNear(found, search.Next(ids, found));
            int within = 0;
            // As far as the last of the true nearest is near enough: equals stand in for each other.
            while (within < Math.Min(count, available) && found[within] <= exact[available - 1]) within++;
            hits += within;
            possible += available;
        }
        return possible == 0 ? double.NaN : (double)hits / possible;
    }

    /// <summary>Those that have a distance at all.</summary>
    private static int CountNear(double[] distances, int count)
    {
        while (count > 0 && !double.IsFinite(distances[count - 1])) count--;
        return count;
    }

    /// <summary>Visible nodes, evenly spread over the pieces.</summary>
    private static IEnumerable<(VectorPiece Piece, int Node)> Sample(IReadOnlyList<VectorPiece> pieces, int sample)
    {
        long total = pieces.Sum(p => (long)p.Count);
        long at = 0;
        foreach (VectorPiece piece in pieces)
        {
            VisibleNodes visible = piece.Visible(piece.Count);
            int wanted = (int)((at + piece.Count) * sample / Math.Max(1, total) - at * sample / Math.Max(1, total));
            at += piece.Count;
            for (int i = 0; i < wanted; i++)
            {
                int node = (int)((long)piece.Count * i / wanted), end = (int)((long)piece.Count * (i + 1) / wanted);
                // A node in the upper layers, or with duplicates behind it, is a way to others: without it the graph wouldn't be the same.
                while (node < end && !(visible.Accept(node) && (node >= piece.LinkedEnd || piece.Part!.Structure!.IsOrdinary(node)))) node++;
                if (node < end) yield return (piece, node);
            }
        }
    }
}
