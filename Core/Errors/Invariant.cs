using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace VecSql.Core.Errors;

/// <summary>Checks that stay on in Release: what must hold whatever the user or the disk does. A failure is a bug or damage, never a user's mistake.</summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvariantException"/> unless <paramref name="condition"/> holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        if (!condition) Fail(what ?? "invariant");
    }

    /// <summary>For a switch's arm that no value may reach.</summary>
    [DoesNotReturn]
    public static void Fail(string what) => throw new InvariantException(what);

    /// <summary>For a switch expression's arm that no value may reach.</summary>
    public static Exception Unreachable(object? value) => new InvariantException($"unexpected {value?.GetType().Name ?? "null"}: {value}");
}

/// <summary>A broken invariant; the session reports XX000, and storage stops before it serves or writes anything wrong.</summary>
public sealed class InvariantException(string what) : Exception("invariant violated: " + what);
