namespace VecSql.Core.Types;

/// <summary>What clocks show between two transitions of a zone.</summary>
/// <param name="OffsetEast">Seconds east of UTC.</param>
/// <param name="Abbreviation">ASCII; shared, never written to.</param>
internal readonly record struct ZonePeriod(int OffsetEast, bool IsDaylight, byte[] Abbreviation);

/// <summary>
/// A time zone: transitions in Unix seconds and the periods that they begin. Immutable, shared by all threads.
/// Zones whose rules go on for ever hold 400 years of them, after which the calendar repeats.
/// </summary>
internal sealed class Zone
{
    private const long SecondsPerEra = 146_097L * Calendar.SecondsPerDay;

    private readonly long[] _transitions;
    private readonly byte[] _periodOfTransition;
    private readonly ZonePeriod[] _periods;
    private readonly int _first;
    private readonly bool _repeatsForward;
    private readonly bool _repeatsBackward;

    /// <param name="name">As it is shown.</param>
    /// <param name="transitions">Ascending, in Unix seconds.</param>
    /// <param name="periodOfTransition">Index of the period that each transition begins.</param>
    /// <param name="periods">At least one.</param>
    /// <param name="first">The period before the first transition.</param>
    /// <param name="repeatsForward">The last 400 years repeat; the transitions reach that far.</param>
    /// <param name="repeatsBackward">Likewise, before the first transition.</param>
    public Zone(string name, long[] transitions, byte[] periodOfTransition, ZonePeriod[] periods, int first = 0, bool repeatsForward = false, bool repeatsBackward = false)
    {
        Name = name;
        _transitions = transitions;
        _periodOfTransition = periodOfTransition;
        _periods = periods;
        _first = first;
        _repeatsForward = repeatsForward;
        _repeatsBackward = repeatsBackward;
    }

    public string Name { get; }

    /// <summary>A zone that is always the same.</summary>
    public static Zone Fixed(string name, int offsetEast, string abbreviation) =>
        new(name, [], [], [new ZonePeriod(offsetEast, false, System.Text.Encoding.ASCII.GetBytes(abbreviation))]);

    public static Zone Utc { get; } = Fixed("UTC", 0, "UTC");

    public static long ToUnixSeconds(long timestamp) => Calendar.FloorDiv(timestamp, Calendar.MicrosPerSecond) + Calendar.UnixToEpochSeconds;

    /// <summary>True if all periods have one offset.</summary>
    public bool TryGetFixedOffset(out int offsetEast)
    {
        offsetEast = _periods[0].OffsetEast;
        foreach (ZonePeriod period in _periods)
            if (period.OffsetEast != offsetEast) return false;
        return true;
    }

    public ZonePeriod PeriodAt(long unixSeconds)
    {
        if (_transitions.Length == 0) return _periods[_first];
        int place = FirstAfter(unixSeconds - Fold(unixSeconds));
        return PeriodBefore(place);
    }

    /// <summary>Seconds east of UTC of a local time. A time that clocks skip or show twice counts as standard time (as before the skip, as after the repetition).</summary>
    public ZonePeriod PeriodOfLocal(int year, int month, int day, int secondOfDay)
    {
        if (!Calendar.IsValidJulian(year, month)) return new ZonePeriod(0, false, []);
        return PeriodOfLocal(((long)Calendar.ToJulian(year, month, day) - Calendar.UnixEpochJulian) * Calendar.SecondsPerDay + secondOfDay);
    }

    /// <summary>The same, of Unix seconds counted as if the zone were UTC.</summary>
    public ZonePeriod PeriodOfLocal(long local)
    {
        if (_transitions.Length == 0) return _periods[_first];
        long yesterday = local - Calendar.SecondsPerDay;
        long fold = Fold(yesterday);
        int place = FirstAfter(yesterday - fold);
        ZonePeriod before = PeriodBefore(place);
        if (place == _transitions.Length) return before;
        ZonePeriod after = _periods[_periodOfTransition[place]];
        long boundary = _transitions[place] + fold;
        long asBefore = local - before.OffsetEast, asAfter = local - after.OffsetEast;
        if (asBefore < boundary && asAfter < boundary) return before;
        if (asBefore > boundary && asAfter >= boundary) return after;
        return asBefore > asAfter ? before : after;
    }

    public ZonePeriod PeriodOfLocal(in DateTimeFields fields) =>
        PeriodOfLocal(fields.Year, fields.Month, fields.Day, (fields.Hour * 60 + fields.Minute) * 60 + fields.Second);

    /// <summary>
    /// What an abbreviation means in this zone about the time: the latest period up to then that bears it, else the first later one. False if none does.
    /// </summary>
    public bool TryInterpret(ReadOnlySpan<byte> upperAbbreviation, long unixSeconds, out ZonePeriod period)
    {
        int cutoff = FirstAfter(unixSeconds - Fold(unixSeconds));
        for (int i = cutoff; i >= 0; i--)
        {
            period = PeriodBefore(i);
            if (upperAbbreviation.SequenceEqual(period.Abbreviation)) return true;
        }
        for (int i = cutoff; i < _transitions.Length; i++)
        {
            period = _periods[_periodOfTransition[i]];
            if (upperAbbreviation.SequenceEqual(period.Abbreviation)) return true;
        }
        period = default;
        return false;
    }

    private ZonePeriod PeriodBefore(int transition) => _periods[transition == 0 ? _first : _periodOfTransition[transition - 1]];

    /// <summary>Index of the first transition later than the time.</summary>
    private int FirstAfter(long unixSeconds)
    {
        int low = 0, high = _transitions.Length;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_transitions[middle] <= unixSeconds) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>Whole eras to take off so that the time falls among the transitions.</summary>
    private long Fold(long unixSeconds)
    {
        if (_transitions.Length == 0) return 0;
        long last = _transitions[^1], first = _transitions[0];
        if (_repeatsForward && unixSeconds >= last) return ((unixSeconds - last) / SecondsPerEra + 1) * SecondsPerEra;
        if (_repeatsBackward && unixSeconds < first) return -((first - unixSeconds - 1) / SecondsPerEra + 1) * SecondsPerEra;
        return 0;
    }
}
