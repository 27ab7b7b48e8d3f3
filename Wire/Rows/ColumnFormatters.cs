using System.Buffers.Binary;
using VecSql.Core.Columns;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Wire.Rows;

/// <summary>Writes one column's values, each with its length word before it.</summary>
internal abstract class ColumnFormatter
{
    private Column? _column;

    /// <summary>The column of the batch at hand.</summary>
    public virtual void Bind(Column column) => _column = column;

    public bool IsNull(int row) => _column!.IsNull(row);

    /// <summary>Bytes that the value takes at least: known before it is written where values may be huge.</summary>
    public virtual int LeastBytes(int row) => 0;

    /// <summary>Writes length and value of a row that isn't null.</summary>
    public abstract void Write(int row, ByteBuffer output);
}

/// <summary>The formatter of a type and format: a short way for the commonest types, the type's own handler for all others.</summary>
internal static class ColumnFormatters
{
    public static ColumnFormatter Create(SqlType type, short format, EvalContext context) => format switch
    {
        0 => type.Oid switch
        {
            TypeOid.Int2 => new NumberText<short>(),
            TypeOid.Int4 => new NumberText<int>(),
            TypeOid.Int8 => new NumberText<long>(),
            TypeOid.Oid => new NumberText<uint>(),
            TypeOid.Bool => new BoolText(),
            TypeOid.Text or TypeOid.Varchar or TypeOid.Name => new RawBytes(),
            _ => new HandlerText(type, context),
        },
        1 => type.Oid switch
        {
            TypeOid.Int2 => new Int16Binary(),
            TypeOid.Int4 => new Int32Binary(),
            TypeOid.Int8 => new Int64Binary(),
            TypeOid.Float4 => new Float32Binary(),
            TypeOid.Float8 => new Float64Binary(),
            TypeOid.Text or TypeOid.Varchar or TypeOid.Name or TypeOid.Bytea => new RawBytes(),
            _ => new HandlerBinary(type, context),
        },
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"unsupported format code: {format}"),
    };

    private abstract class Fixed<T> : ColumnFormatter where T : unmanaged
    {
        protected Column<T> Source { get; private set; } = null!;

        public override void Bind(Column column)
        {
            base.Bind(column);
            Source = (Column<T>)column;
        }
    }

    private sealed class NumberText<T> : Fixed<T> where T : unmanaged, IUtf8SpanFormattable
    {
        public override void Write(int row, ByteBuffer output)
        {
            int start = output.Length;
            output.Take(sizeof(int));
            output.WriteFormatted(Source[row]);
            WriteLength(output, start);
        }
    }

    private sealed class BoolText : Fixed<bool>
    {
        public override void Write(int row, ByteBuffer output) => output.Write(Source[row] ? [0, 0, 0, 1, (byte)'t'] : [0, 0, 0, 1, (byte)'f']);
    }

    private sealed class Int16Binary : Fixed<short>
    {
        public override void Write(int row, ByteBuffer output)
        {
            output.WriteInt32BigEndian(sizeof(short));
            output.WriteInt16BigEndian(Source[row]);
        }
    }

    private sealed class Int32Binary : Fixed<int>
    {
        public override void Write(int row, ByteBuffer output)
        {
            output.WriteInt32BigEndian(sizeof(int));
            output.WriteInt32BigEndian(Source[row]);
        }
    }

    private sealed class Int64Binary : Fixed<long>
    {
        public override void Write(int row, ByteBuffer output)
        {
            output.WriteInt32BigEndian(sizeof(long));
            output.WriteInt64BigEndian(Source[row]);
        }
    }

    private sealed class Float32Binary : Fixed<float>
    {
        public override void Write(int row, ByteBuffer output)
        {
            output.WriteInt32BigEndian(sizeof(float));
            BinaryPrimitives.WriteSingleBigEndian(output.Take(sizeof(float)), Source[row]);
        }
    }

    private sealed class Float64Binary : Fixed<double>
    {
        public override void Write(int row, ByteBuffer output)
        {
            output.WriteInt32BigEndian(sizeof(double));
            BinaryPrimitives.WriteDoubleBigEndian(output.Take(sizeof(double)), Source[row]);
        }
    }

    /// <summary>Text and bytea: what lies in the column is what goes over the wire.</summary>
    private sealed class RawBytes : ColumnFormatter
    {
        private BytesColumn _source = null!;

        public override void Bind(Column column)
        {
            base.Bind(column);
            _source = (BytesColumn)column;
        }

        public override int LeastBytes(int row) => _source[row].Length;

        public override void Write(int row, ByteBuffer output)
        {
            ReadOnlySpan<byte> value = _source[row];
            output.WriteInt32BigEndian(value.Length);
            output.Write(value);
        }
    }

    private sealed class HandlerText(SqlType type, EvalContext context) : ColumnFormatter
    {
        private readonly TypeHandler _handler = TypeHandlers.Of(type.Oid, context.Catalog);
        private Column _source = null!;

        public override void Bind(Column column)
        {
            base.Bind(column);
            _source = column;
        }

        public override void Write(int row, ByteBuffer output)
        {
            int start = output.Length;
            output.Take(sizeof(int));
            _handler.FormatText(_source, row, type, output, context);
            WriteLength(output, start);
        }
    }

    private sealed class HandlerBinary(SqlType type, EvalContext context) : ColumnFormatter
    {
        private readonly TypeHandler _handler = TypeHandlers.Of(type.Oid, context.Catalog);
        private Column _source = null!;

        public override void Bind(Column column)
        {
            base.Bind(column);
            _source = column;
        }

        public override void Write(int row, ByteBuffer output)
        {
            int start = output.Length;
            output.Take(sizeof(int));
            _handler.WriteBinary(_source, row, type, output, context);
            WriteLength(output, start);
        }
    }

    private static void WriteLength(ByteBuffer output, int start) =>
        BinaryPrimitives.WriteInt32BigEndian(output.Written[start..], output.Length - start - sizeof(int));
}
