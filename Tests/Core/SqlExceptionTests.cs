using VecSql.Core.Errors;

namespace VecSql.Tests.Core;

public sealed class SqlExceptionTests
{
    [Fact]
    public void A_position_is_added_once()
    {
        SqlException bare = new(SqlState.DivisionByZero, "division by zero");
        SqlException placed = bare.At(7);
        Assert.Equal(7, placed.Position);
        Assert.Same(placed, placed.At(9));
        Assert.Equal(SqlState.DivisionByZero, placed.SqlState);
    }
}
