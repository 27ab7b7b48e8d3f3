using VecSql.Core.Catalog;
using VecSql.Core.Columns;
using VecSql.Core.Errors;
using VecSql.Storage.Log;
using VecSql.Storage.Manifests;

namespace VecSql.Storage.Databases;

/// <summary>
/// A sequence. Values are logged ahead in blocks: what the log says was given out may not have been, never the other way round, so after a crash values are skipped and none
/// comes twice. One lock each.
/// </summary>
internal sealed class SequenceStore(uint oid, long lastValue, bool isCalled)
{
    private const int LoggedAhead = 33;

    private readonly Lock _lock = new();
    private long _lastValue = lastValue;
    private bool _isCalled = isCalled;
    private int _left;
    private SequenceState _logged = new(oid, lastValue, isCalled);

    public uint Oid => oid;

    /// <summary>What must be restored after a crash.</summary>
    public SequenceState Logged => Volatile.Read(ref _logged);

    /// <summary>What must be restored after an orderly end.</summary>
    public SequenceState Current
    {
        get
        {
            lock (_lock) return new SequenceState(oid, _lastValue, _isCalled);
        }
    }

    /// <summary>Values that can be given out before the next log record.</summary>
    public int LogCount
    {
        get
        {
            lock (_lock) return _left;
        }
    }

    public long Next(SequenceObject definition, Action<SequenceState, Action>? log)
    {
        lock (_lock)
        {
            long next = Step(definition, _lastValue, _isCalled);
            // A cycle's second round is another block.
            if (_left == 0 || _isCalled && (definition.Increment > 0 ? next < _lastValue : next > _lastValue))
            {
                long end = Ahead(definition, next);
                Write(new SequenceState(oid, end, true), log);
                _left = (int)(((Int128)end - next) / definition.Increment) + 1;
            }
            _left--;
            _lastValue = next;
            _isCalled = true;
            return next;
        }
    }

    public void Set(long value, bool called, Action<SequenceState, Action>? log)
    {
        lock (_lock)
        {
            Write(new SequenceState(oid, value, called), log);
            (_lastValue, _isCalled, _left) = (value, called, 0);
        }
    }

    /// <summary>The log's order decides what a checkpoint sees: so what was logged is noted by the log's leader.</summary>
    private void Write(SequenceState state, Action<SequenceState, Action>? log)
    {
        if (log is null) Volatile.Write(ref _logged, state);
        else log(state, () => Volatile.Write(ref _logged, state));
    }

    private static long Step(SequenceObject definition, long last, bool isCalled)
    {
        if (!isCalled) return last;
        Int128 next = (Int128)last + definition.Increment;
        if (definition.Increment > 0 && next > definition.Maximum)
        {
            return definition.Cycles ? definition.Minimum
                : throw new SqlException("2200H", $"nextval: reached maximum value of sequence \"{definition.Name}\" ({definition.Maximum})");
        }
        if (definition.Increment < 0 && next < definition.Minimum)
        {
            return definition.Cycles ? definition.Maximum
                : throw new SqlException("2200H", $"nextval: reached minimum value of sequence \"{definition.Name}\" ({definition.Minimum})");
        }
        return (long)next;
    }

    /// <summary>The last value of the block that begins with <paramref name="next"/>.</summary>
    private static long Ahead(SequenceObject definition, long next)
    {
        Int128 room = ((Int128)(definition.Increment > 0 ? definition.Maximum : definition.Minimum) - next) / definition.Increment;
        return (long)(next + definition.Increment * Int128.Min(room, LoggedAhead - 1));
    }
}

/// <summary>Makes a sequence's state durable.</summary>
internal sealed class SequenceRequest(SequenceState state, Action apply) : LogRequest
{
    public override bool HasBody => true;
    public override FrameKind Kind => FrameKind.Sequence;

    public override void WriteBody(ByteBuffer output)
    {
        output.WriteUInt32LittleEndian(state.Oid);
        output.WriteInt64LittleEndian(state.LastValue);
        output.WriteByte(state.IsCalled ? (byte)1 : (byte)0);
    }

    public override void Apply() => apply();
}

/// <summary>Makes a table's statistics durable, with the next sync that is needed anyway.</summary>
internal sealed class StatisticsRequest(byte[] json, Action apply) : LogRequest
{
    public override bool HasBody => true;
    public override FrameKind Kind => FrameKind.Statistics;
    public override void WriteBody(ByteBuffer output) => output.Write(json);
    public override void Apply() => apply();
}
