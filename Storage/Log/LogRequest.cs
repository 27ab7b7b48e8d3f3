using System.Runtime.ExceptionServices;
using VecSql.Core.Columns;

namespace VecSql.Storage.Log;

/// <summary>Something that becomes durable, then takes effect, in the log's order. Its methods are called by whichever thread leads the group.</summary>
internal abstract class LogRequest
{
    private ExceptionDispatchInfo? _failure;

    /// <summary>False for what takes part in the order but has nothing to write (temporary tables, checkpoints).</summary>
    public abstract bool HasBody { get; }
    public virtual FrameKind Kind => FrameKind.Commit;
    public virtual long Transaction => 0;

    /// <summary>Ends its group: what is queued behind it is written after it took effect.</summary>
    public virtual bool IsBarrier => false;

    /// <summary>Set under the writer's gate.</summary>
    public bool IsDone { get; set; }

    /// <summary>Called in log order, before writing. Returns why it can't be done, or null.</summary>
    public virtual Exception? Prepare() => null;

    /// <summary>Appends the frame's body.</summary>
    public abstract void WriteBody(ByteBuffer output);

    /// <summary>Called in log order once all bytes are durable.</summary>
    public abstract void Apply();

    public void Fail(Exception reason) => _failure = ExceptionDispatchInfo.Capture(reason);

    public void ThrowIfFailed() => _failure?.Throw();
}
