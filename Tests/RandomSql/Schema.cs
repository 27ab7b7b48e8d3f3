using System.Text;

namespace VecSql.Tests.RandomSql;

internal sealed record TableColumn(string Name, Kind Kind, string Definition, bool Generated);

internal sealed record Table(string Name, List<TableColumn> Columns, List<string> Constraints, List<string> Indexes, List<string> Inserts);

/// <summary>Random tables with rows full of NULLs, duplicates and extremes. Columns of one name have one type everywhere, so NATURAL joins and USING find each other.</summary>
internal sealed class Schema
{
    public List<Table> Tables { get; } = [];

    public Schema(Choices choices)
    {
        int count = 3 + choices.Next(2);
        for (int i = 0; i < count; i++) Tables.Add(Make(choices, i));
    }

    /// <summary>More rows than a batch and than small work memory hold: only for queries that read it once.</summary>
    public static Table Big { get; } = new("big",
        [
            new TableColumn("id", Kind.Int4, "int4 PRIMARY KEY", false), new TableColumn("i0", Kind.Int4, "int4", false), new TableColumn("i1", Kind.Int4, "int4", false),
            new TableColumn("t0", Kind.Text, "text", false), new TableColumn("n0", Kind.Numeric, "numeric(10,3)", false), new TableColumn("b0", Kind.Bool, "bool", false),
            new TableColumn("l0", Kind.Int8, "int8", false), new TableColumn("d0", Kind.Date, "date", false), new TableColumn("ia0", Kind.IntArray, "int4[]", false),
        ],
        [],
        ["CREATE INDEX big_i0 ON big (i0)", "CREATE INDEX big_t0 ON big (t0, i1 DESC)"],
        [
            "INSERT INTO big SELECT i, i % 97, CASE WHEN i % 11 > 0 THEN i % 1000 END, CASE WHEN i % 5 > 0 THEN 'text ' || i % 300 END, (i % 777) / 8.0, CASE i % 3 WHEN 0 THEN true WHEN 1 THEN false END, "
            + "i::int8 * i, date '2000-01-01' + i % 400, CASE WHEN i % 7 > 0 THEN ARRAY[i % 4, i % 3] END FROM generate_series(1, 5000) AS i",
        ]);

    /// <summary>The statements that make and fill the tables.</summary>
    public IEnumerable<string> Statements => Tables.Append(Big).SelectMany(StatementsOf);

    /// <summary>The statements for the tables that this SQL names.</summary>
    public string Script(string sql) => string.Join('\n', Tables.Append(Big).Where(t => sql.Contains(t.Name, StringComparison.Ordinal)).SelectMany(StatementsOf).Select(s => s + ";"));

    private static IEnumerable<string> StatementsOf(Table table) =>
    [
        $"CREATE TABLE {table.Name} ({string.Join(", ", table.Columns.Select(c => $"{c.Name} {c.Definition}").Concat(table.Constraints))})",
        .. table.Inserts,
        .. table.Indexes,
    ];

    private static Table Make(Choices choices, int number)
    {
        string name = $"tab{number}";
        Table table = new(name, [new TableColumn("id", Kind.Int4, "int4 PRIMARY KEY", false)], [], [], []);
        int columns = 3 + choices.Next(5);
        for (int i = 0; i < columns; i++)
        {
            Kind kind = choices.Chance(40) ? choices.Of([Kind.Int4, Kind.Text, Kind.Bool]) : choices.Of(KindFacts.Kinds);
            string column = KindFacts.Of(kind).Code + choices.Next(3);
            if (table.Columns.Any(c => c.Name == column)) continue;
            string type = kind == Kind.Varchar ? $"varchar({5 + choices.Next(5)})" : kind == Kind.Numeric && choices.Chance(30) ? "numeric(40,4)" : KindFacts.Of(kind).Sql;
            table.Columns.Add(new TableColumn(column, kind, type, false));
        }
        if (choices.Chance(20)) table.Columns.Add(new TableColumn("g0", Kind.Int4, "int4 GENERATED ALWAYS AS (id * 2 + 1) STORED", true));
        if (choices.Chance(25)) table.Columns.Add(new TableColumn("dflt", Kind.Text, $"text DEFAULT 'dflt'{(choices.Chance(50) ? " NOT NULL" : "")}", false));
        if (choices.Chance(20)) table.Constraints.Add("CHECK (id >= 0)");
        Fill(choices, table);
        int indexes = choices.Next(4);
        for (int i = 0; i < indexes; i++) table.Indexes.Add(Index(choices, table, i));
        return table;
    }

    private static string Index(Choices choices, Table table, int number)
    {
        TableColumn first = choices.Of(table.Columns), second = choices.Of(table.Columns);
        string order = choices.Of(["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
        string columns = choices.Chance(30) && first != second ? $"{first.Name}{order}, {second.Name}" : first.Name + order;
        if (first.Kind == Kind.Text && choices.Chance(20)) columns = $"lower({first.Name})";
        return $"CREATE INDEX {table.Name}_x{number} ON {table.Name} ({columns}){(choices.Chance(15) ? $" WHERE {second.Name} IS NOT NULL" : "")}";
    }

    private static void Fill(Choices choices, Table table)
    {
        int rows = choices.Of([8, 0, 1, 3, 12, 20, 40]);
        int nulls = choices.Of([20, 0, 50]);
        List<TableColumn> given = table.Columns.Where(c => !c.Generated && (c.Name != "dflt" || rows % 2 == 0)).ToList();
        StringBuilder insert = new($"INSERT INTO {table.Name} ({string.Join(", ", given.Select(c => c.Name))}) VALUES ");
        for (int row = 0; row < rows; row++)
        {
            if (row > 0) insert.Append(", ");
            insert.Append('(').AppendJoin(", ", given.Select(c => c.Name == "id" ? row.ToString() : Value(choices, c, nulls))).Append(')');
        }
        if (rows > 0) table.Inserts.Add(insert.ToString());
    }

    private static string Value(Choices choices, TableColumn column, int nulls)
    {
        if (column.Name != "dflt" && choices.Chance(nulls)) return "NULL";
        return KindFacts.Quote(choices.Of(KindFacts.Of(column.Kind).Values));
    }
}
