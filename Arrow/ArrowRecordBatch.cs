namespace VecSql.Arrow;

/// <summary>Columns of one length under a schema. Owns no bytes: see <see cref="ArrowArray"/>.</summary>
public sealed class ArrowRecordBatch
{
    private readonly ArrowArray[] _columns;

    /// <exception cref="ArgumentException">A column does not fit its field or the length.</exception>
    public ArrowRecordBatch(ArrowSchema schema, int length, ArrowArray[] columns, ArrowMetadata? metadata = null)
    {
        if (columns.Length != schema.Fields.Length) throw new ArgumentException($"schema has {schema.Fields.Length} fields, batch {columns.Length} columns");
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i].Length != length)
            {
                throw new ArgumentException($"field \"{schema.Fields[i].Name}\" has {columns[i].Length} rows in a batch of {length}");
            }
            if (columns[i].Mismatch(schema.Fields[i]) is { } mismatch) throw new ArgumentException(mismatch);
        }
        Schema = schema;
        Length = length;
        _columns = columns;
        Metadata = metadata ?? ArrowMetadata.Empty;
    }

    public ArrowSchema Schema { get; }
    public int Length { get; }
    public ReadOnlySpan<ArrowArray> Columns => _columns;

    /// <summary>The message's own key-value pairs (not the schema's).</summary>
    public ArrowMetadata Metadata { get; }

    /// <summary>The full check of a batch that was read: one scan (<see cref="ArrowArray.Validate"/>), and no null in a field that allows none.</summary>
    /// <exception cref="ArrowFormatException">What is wrong, and in which field.</exception>
    public void Validate()
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            var field = Schema.Fields[i];
            ArrowValidation.Check(_columns[i], $"field \"{field.Name}\"");
            if (!field.Nullable && _columns[i].NullCount > 0 && field.Type.Id != ArrowTypeId.Null)
            {
                throw new ArrowFormatException($"field \"{field.Name}\" is not nullable and has {_columns[i].NullCount} nulls");
            }
        }
    }
}
