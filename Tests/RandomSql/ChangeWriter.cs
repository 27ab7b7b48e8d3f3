namespace VecSql.Tests.RandomSql;

/// <summary>
/// Writes random statements that change rows or tables, and the transaction commands around them. Every one has one right outcome: which of several source rows updates a row is never open.
/// </summary>
internal sealed class ChangeWriter(Choices choices, Schema schema, QueryWriter queries)
{
    private int _savepoints;
    private bool _inTransaction;
    private int _moves;

    /// <summary>The next statement of a session.</summary>
    public Statement Write()
    {
        Table table = choices.Of(schema.Tables);
        return choices.Next(20) switch
        {
            0 or 1 or 2 => Insert(table),
            3 or 4 => InsertSelect(table),
            5 or 6 => Upsert(table),
            7 or 8 or 9 => Update(table),
            10 => UpdateFrom(table),
            11 or 12 => Delete(table),
            13 => DeleteUsing(table),
            14 => ModifyingWith(table),
            15 or 16 or 17 => Transaction(),
            18 => Definition(table),
            _ => new Statement($"SELECT * FROM {table.Name} ORDER BY id", [], [0]),
        };
    }

    /// <summary>What goes on after an error: back to a savepoint, or out of the transaction.</summary>
    public Statement Recover()
    {
        if (!_inTransaction) return Write();
        if (_savepoints > 0 && choices.Chance(60)) return new Statement($"ROLLBACK TO s{choices.Next(_savepoints)}", [], []);
        (_inTransaction, _savepoints) = (false, 0);
        return new Statement(choices.Of(["ROLLBACK", "COMMIT"]), [], []);
    }

    private static List<TableColumn> Settable(Table table) => table.Columns.Where(c => !c.Generated).ToList();

    private string Key() => choices.Next(45).ToString();

    private string Value(TableColumn column, Scope scope, int depth)
    {
        if (choices.Chance(10)) return "DEFAULT";
        string value = queries.Expression(column.Kind, scope, depth);
        // An array of an expression's own type, not of a literal's.
        return column.Kind == Kind.Varchar || column.Definition.StartsWith("numeric(", StringComparison.Ordinal) ? $"({value})::{column.Definition}" : value;
    }

    /// <summary>How far to move keys: a moved row never lands on one that is still to be moved, which PostgreSQL refuses or not by the order on disk.</summary>
    private int Distance() => 1000 << Math.Min(_moves++, 20);

    private Statement Made(string sql) => new(sql, queries.Parameters, []);

    private string Returning(Table table, string alias)
    {
        if (!choices.Chance(40)) return "";
        Scope scope = ScopeOf(table, alias);
        return choices.Chance(40) ? $" RETURNING {alias}.*" : $" RETURNING {alias}.id, {queries.Expression(Kind.Text, scope, 2)} AS r";
    }

    private static Scope ScopeOf(Table table, string alias) => new() { References = table.Columns.Select(c => new Reference($"{alias}.{c.Name}", c.Kind)).ToList() };

    private Statement Insert(Table table)
    {
        List<TableColumn> columns = Settable(table).Where(c => c.Name == "id" || choices.Chance(75)).ToList();
        string row() => $"({string.Join(", ", columns.Select(c => c.Name == "id" ? Key() : Value(c, new Scope(), 1)))})";
        int rows = 1 + choices.Next(3);
        return Made($"INSERT INTO {table.Name} AS m ({string.Join(", ", columns.Select(c => c.Name))}) VALUES {string.Join(", ", Enumerable.Range(0, rows).Select(_ => row()))}{Returning(table, "m")}");
    }

    private Statement InsertSelect(Table table)
    {
        Table source = choices.Of(schema.Tables);
        Scope scope = ScopeOf(source, "s");
        List<TableColumn> columns = Settable(table).Where(c => c.Name != "id").ToList();
        string values = string.Concat(columns.Select(c => $", {queries.Typed(c, scope)}"));
        string conflict = choices.Chance(60) ? " ON CONFLICT DO NOTHING" : "";
        return Made($"INSERT INTO {table.Name} AS m ({string.Join(", ", columns.Select(c => c.Name).Prepend("id"))}) SELECT s.id + {choices.Of([50, 0, 20])}{values} FROM {source.Name} AS s"
            + $"{(choices.Chance(50) ? $" WHERE {queries.Expression(Kind.Bool, scope, 2)}" : "")}{conflict}{Returning(table, "m")}");
    }

    private Statement Upsert(Table table)
    {
        List<TableColumn> columns = Settable(table);
        int first = choices.Next(30), rows = 1 + choices.Next(3);
        IEnumerable<string> made = Enumerable.Range(0, rows).Select(r => $"({string.Join(", ", columns.Select(c => c.Name == "id" ? (first + r).ToString() : Value(c, new Scope(), 1)))})");
        Scope scope = new() { References = [.. ScopeOf(table, "m").References, .. ScopeOf(table, "excluded").References] };
        List<TableColumn> set = columns.Where(c => c.Name != "id").Take(1 + choices.Next(3)).ToList();
        if (set.Count == 0) return Insert(table);
        string action = choices.Chance(25) ? "DO NOTHING" : $"DO UPDATE SET {string.Join(", ", set.Select(c => $"{c.Name} = {Value(c, scope, 2)}"))}{(choices.Chance(40) ? $" WHERE {queries.Expression(Kind.Bool, scope, 2)}" : "")}";
        return Made($"INSERT INTO {table.Name} AS m ({string.Join(", ", columns.Select(c => c.Name))}) VALUES {string.Join(", ", made)} ON CONFLICT (id) {action}{Returning(table, "m")}");
    }

    private Statement Update(Table table)
    {
        Scope scope = ScopeOf(table, "m");
        List<TableColumn> columns = Settable(table).Where(c => c.Name != "id").ToList();
        string key = choices.Chance(15) ? $"id = m.id + {Distance()}" : "";
        List<TableColumn> set = columns.Where(_ => choices.Chance(40)).ToList();
        if (set.Count == 0 && key.Length == 0) key = "id = m.id";
        string list = string.Join(", ", set.Select(c => $"{c.Name} = {Value(c, scope, 2)}").Concat(key.Length > 0 ? [key] : Array.Empty<string>()));
        if (set.Count >= 2 && choices.Chance(25)) list = $"({set[0].Name}, {set[1].Name}) = ({Value(set[0], scope, 1)}, {Value(set[1], scope, 1)})";
        return Made($"UPDATE {table.Name} AS m SET {list}{(choices.Chance(80) ? $" WHERE {queries.Expression(Kind.Bool, scope, 3)}" : "")}{Returning(table, "m")}");
    }

    private Statement UpdateFrom(Table table)
    {
        Table source = choices.Of(schema.Tables);
        Scope scope = new() { References = [.. ScopeOf(table, "m").References, .. ScopeOf(source, "s").References] };
        TableColumn column = choices.Of(Settable(table));
        if (column.Name == "id") return Update(table);
        return Made($"UPDATE {table.Name} AS m SET {column.Name} = {Value(column, scope, 2)} FROM {source.Name} AS s WHERE s.id = m.id{(choices.Chance(40) ? $" AND {queries.Expression(Kind.Bool, scope, 2)}" : "")}{Returning(table, "m")}");
    }

    private Statement Delete(Table table)
    {
        Scope scope = ScopeOf(table, "m");
        return Made($"DELETE FROM {table.Name} AS m WHERE {queries.Expression(Kind.Bool, scope, 3)} AND m.id % 3 = {choices.Next(3)}{Returning(table, "m")}");
    }

    private Statement DeleteUsing(Table table)
    {
        Table source = choices.Of(schema.Tables);
        Scope scope = new() { References = [.. ScopeOf(table, "m").References, .. ScopeOf(source, "s").References] };
        return Made($"DELETE FROM {table.Name} AS m USING {source.Name} AS s WHERE m.id = s.id + {choices.Next(5)} AND {queries.Expression(Kind.Bool, scope, 2)}{Returning(table, "m")}");
    }

    private Statement ModifyingWith(Table table)
    {
        string change = choices.Next(3) switch
        {
            0 => $"DELETE FROM {table.Name} WHERE id % 5 = {choices.Next(5)} RETURNING *",
            1 => $"UPDATE {table.Name} SET id = id + {Distance()} WHERE id % 5 = {choices.Next(5)} RETURNING *",
            _ => $"INSERT INTO {table.Name} (id) VALUES ({Key()}), (300 + {Key()}) ON CONFLICT DO NOTHING RETURNING *",
        };
        return new Statement($"WITH w AS ({change}) SELECT w.id, (SELECT count(*) FROM {table.Name}) FROM w ORDER BY 1", [], [0]);
    }

    private Statement Transaction()
    {
        string command = "BEGIN";
        if (_inTransaction)
        {
            command = choices.Next(5) switch
            {
                0 => $"SAVEPOINT s{_savepoints++}",
                1 when _savepoints > 0 => $"ROLLBACK TO s{choices.Next(_savepoints)}",
                2 when _savepoints > 0 => $"RELEASE s{choices.Next(_savepoints)}",
                3 => "COMMIT",
                4 => "ROLLBACK",
                _ => $"SAVEPOINT s{_savepoints++}",
            };
        }
        if (command is "BEGIN" or "COMMIT" or "ROLLBACK") (_inTransaction, _savepoints) = (command == "BEGIN", 0);
        return new Statement(command, [], []);
    }

    /// <summary>Changes of tables: names stay what the schema knows, so later statements are still meant well.</summary>
    private Statement Definition(Table table)
    {
        TableColumn column = choices.Of(table.Columns);
        return new Statement(choices.Next(9) switch
        {
            0 => $"CREATE INDEX ON {table.Name} ({column.Name})",
            1 => $"ALTER TABLE {table.Name} ADD COLUMN IF NOT EXISTS added int DEFAULT {choices.Next(5)}",
            2 => $"ALTER TABLE {table.Name} DROP COLUMN IF EXISTS added",
            3 => $"ALTER TABLE {table.Name} ALTER COLUMN id TYPE {choices.Of(["int8", "int4", "numeric"])}",
            4 => $"ALTER TABLE {table.Name} ADD CHECK (id < 1000)",
            5 => $"CREATE UNIQUE INDEX ON {table.Name} ({column.Name})",
            6 => $"ALTER TABLE {table.Name} ALTER COLUMN {column.Name} SET DEFAULT NULL",
            7 when column.Name != "id" => $"ALTER TABLE {table.Name} ALTER COLUMN {column.Name} SET NOT NULL",
            8 => $"TRUNCATE {table.Name}",
            _ => $"ANALYZE {table.Name}",
        }, [], []);
    }
}
