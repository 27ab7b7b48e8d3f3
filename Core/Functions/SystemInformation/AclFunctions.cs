using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.SystemTables;
using VecSql.Core.Types;

namespace VecSql.Core.Functions;

/// <summary>Access lists taken apart: acldefault, aclexplode; and pg_options_to_table.</summary>
internal static class AclFunctions
{
    public static void Register(FunctionLibrary library)
    {
        library.Strict("acldefault_sql", static (in a, r, c) => Texts(r, TypeOid.AclItem, AccessRights.Default((char)a.Get<byte>(0), a.Get<uint>(1), c.Catalog)));
        library.Add("aclexplode", new CatalogSet(static (in a, c) => Explode(a, c.Catalog)));
        library.Add("pg_options_to_table", new CatalogSet(static (in a, _) => Options(a)));
        library.Strict("aclcontains", static (in a, r, c) => StringFunctions.Bool(r, Contains(a, c.Catalog)));
        library.Strict("aclitem_eq", static (in a, r, _) => StringFunctions.Bool(r, a.Bytes(0).SequenceEqual(a.Bytes(1))));
    }

    private static void Texts(ColumnBuilder result, uint elementType, IReadOnlyList<string> values)
    {
        BytesColumnBuilder elements = new(values.Count);
        foreach (string value in values) Answers.Text(elements, value);
        BytesColumnBuilder bytes = (BytesColumnBuilder)result;
        ArrayFormat.WriteVector(bytes.Output, elementType, elements.Build());
        bytes.EndValue();
    }

    /// <summary>The texts of an array argument; nulls are left out.</summary>
    private static List<string> Elements(in RowArguments arguments, uint arrayType)
    {
        ArrayView view = new(arrayType);
        view.Open(arguments.Bytes(0).ToArray());
        List<string> texts = [];
        for (int i = 0; i < view.Count; i++)
            if (!view.Elements.IsNull(i)) texts.Add(Utf8Text.ToString(((BytesColumn)view.Elements)[i]));
        return texts;
    }

    private static RowsCursor Explode(in RowArguments arguments, CatalogSnapshot catalog)
    {
        List<(AccessEntry Entry, char Letter)> rows = [];
        foreach (string text in Elements(arguments, TypeOid.AclItemArray))
            if (AccessEntry.Parse(text, catalog) is { } entry)
                foreach (char letter in entry.Rights)
                    if (letter != '*') rows.Add((entry, letter));
        return new RowsCursor(rows.Count, (row, columns) =>
        {
            (AccessEntry entry, char letter) = rows[row];
            ((ColumnBuilder<uint>)columns[0]).Append(entry.Grantor);
            ((ColumnBuilder<uint>)columns[1]).Append(entry.Grantee);
            Answers.Text(columns[2], AccessRights.NameOf(letter));
            ((ColumnBuilder<bool>)columns[3]).Append(entry.Has(letter, withGrantOption: true));
        });
    }

    private static RowsCursor Options(in RowArguments arguments)
    {
        List<string> options = Elements(arguments, TypeOid.TextArray);
        return new RowsCursor(options.Count, (row, columns) =>
        {
            int equals = options[row].IndexOf('=', StringComparison.Ordinal);
            Answers.Text(columns[0], equals < 0 ? options[row] : options[row][..equals]);
            Answers.Text(columns[1], equals < 0 ? null : options[row][(equals + 1)..]);
        });
    }

    private static bool Contains(in RowArguments arguments, CatalogSnapshot catalog)
    {
        if (AccessEntry.Parse(Answers.String(arguments, 1), catalog) is not { } wanted) return false;
        foreach (string text in Elements(arguments, TypeOid.AclItemArray))
            if (AccessEntry.Parse(text, catalog) is { } entry && entry.Grantee == wanted.Grantee && entry.Grantor == wanted.Grantor && wanted.Rights.All(l => l == '*' || entry.Has(l, false))) return true;
        return false;
    }
}
