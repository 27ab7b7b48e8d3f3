using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace VecSql.Core.Types;

/// <summary>What a zone abbreviation in a date means: a fixed offset, or what the abbreviation meant in a zone at the time.</summary>
/// <param name="OffsetEast">Seconds east of UTC; unused if <paramref name="ZoneName"/> is given.</param>
internal sealed record ZoneAbbreviation(string Name, int OffsetEast, bool IsDaylight, string? ZoneName);

/// <summary>The abbreviations that PostgreSQL knows by default (its set "Default").</summary>
internal static class ZoneAbbreviations
{
    /// <summary>Tokens are compared by so many characters.</summary>
    private const int MaxLength = 10;

    /// <summary>name,seconds east[,D for daylight saving time].</summary>
    private const string Fixed = """
        ACDT,37800,D ACSST,37800,D ACST,34200 ACT,-18000 ACWST,31500 ADT,-10800,D AEDT,39600,D AESST,39600,D AEST,36000 AFT,16200 AKDT,-28800,D
        AKST,-32400 ALMST,25200,D ALMT,21600 AMT,-14400 AST,-14400 AWSST,32400,D AWST,28800 AZOST,0,D AZOT,-3600 BDST,7200,D BDT,21600 BNT,28800
        BORT,28800 BOT,-14400 BRA,-10800 BRST,-7200,D BRT,-10800 BST,3600,D BTT,21600 CADT,37800,D CAST,34200 CCT,28800 CDT,-18000,D CEST,7200,D
        CET,3600 CETDST,7200,D CHADT,49500,D CHAST,45900 CHUT,36000 CLST,-10800,D COT,-18000 CST,-21600 CXT,25200 DDUT,36000 EAT,10800 EDT,-14400,D
        EEST,10800,D EET,7200 EETDST,10800,D EGST,0,D EGT,-3600 EST,-18000 FET,10800 FJST,46800,D FJT,43200 FNST,-3600,D FNT,-7200 GALT,-21600
        GAMT,-32400 GFT,-10800 GILT,43200 GMT,0 HKT,28800 HST,-36000 ICT,25200 IDT,10800,D IRT,12600 IST,7200 JAYT,32400 JST,32400 KDT,36000,D
        KGST,21600,D KST,32400 LHST,37800 LIGT,36000 MART,-34200 MDT,-21600,D MEST,7200,D MESZ,7200,D MET,3600 METDST,7200,D MEZ,3600 MHT,43200
        MMT,23400 MPT,36000 MSD,14400,D MST,-25200 MUST,18000,D MUT,14400 MVT,18000 MYT,28800 NDT,-9000,D NFT,-12600 NPT,20700 NST,-12600
        NZDT,46800,D NZST,43200 NZT,43200 PDT,-25200,D PET,-18000 PGT,36000 PHT,28800 PKST,21600,D PKT,18000 PMDT,-7200,D PMST,-10800 PONT,39600
        PST,-28800 PWT,32400 PYST,-10800,D RET,14400 SADT,37800,D SAST,7200 SCT,14400 TAHT,-36000 TFT,18000 TJT,18000 TOT,46800 TRUT,36000 TVT,43200
        UCT,0 ULAST,32400,D UT,0 UTC,0 UYST,-7200,D UYT,-10800 UZST,21600,D UZT,18000 VUT,39600 WADT,28800,D WAKT,43200 WAST,25200 WAT,3600
        WDT,32400,D WET,0 WETDST,3600,D WFT,43200 WGST,-7200,D WGT,-10800 XJT,21600 YAPT,36000 YEKST,21600,D Z,0 ZULU,0
        """;

    /// <summary>name,zone: what the name meant depends on the time.</summary>
    private const string Dynamic = """
        AMST,Asia/Yerevan ANAST,Asia/Anadyr ANAT,Asia/Anadyr ARST,America/Argentina/Buenos_Aires ART,America/Argentina/Buenos_Aires AZST,Asia/Baku
        AZT,Asia/Baku CKT,Pacific/Rarotonga CLT,America/Santiago DAVT,Antarctica/Davis EASST,Pacific/Easter EAST,Pacific/Easter FKST,Atlantic/Stanley
        FKT,Atlantic/Stanley GEST,Asia/Tbilisi GET,Asia/Tbilisi GYT,America/Guyana IOT,Indian/Chagos IRKST,Asia/Irkutsk IRKT,Asia/Irkutsk
        KGT,Asia/Bishkek KOST,Pacific/Kosrae KRAST,Asia/Krasnoyarsk KRAT,Asia/Krasnoyarsk LHDT,Australia/Lord_Howe LINT,Pacific/Kiritimati
        LKT,Asia/Colombo MAGST,Asia/Magadan MAGT,Asia/Magadan MAWT,Antarctica/Mawson MSK,Europe/Moscow NOVST,Asia/Novosibirsk NOVT,Asia/Novosibirsk
        NUT,Pacific/Niue OMSST,Asia/Omsk OMST,Asia/Omsk PETST,Asia/Kamchatka PETT,Asia/Kamchatka PYT,America/Asuncion SGT,Asia/Singapore
        TKT,Pacific/Fakaofo TMT,Asia/Ashgabat ULAT,Asia/Ulaanbaatar VET,America/Caracas VLAST,Asia/Vladivostok VLAT,Asia/Vladivostok
        VOLT,Europe/Volgograd YAKST,Asia/Yakutsk YAKT,Asia/Yakutsk YEKT,Asia/Yekaterinburg
        """;

    private static readonly FrozenDictionary<string, ZoneAbbreviation> All = Load();
    private static readonly FrozenDictionary<string, ZoneAbbreviation>.AlternateLookup<ReadOnlySpan<char>> BySpan = All.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>An abbreviation in any case; null if it isn't known.</summary>
    public static ZoneAbbreviation? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length > MaxLength) name = name[..MaxLength];
        Span<char> chars = stackalloc char[MaxLength];
        if (!Ascii.IsValid(name)) return null;
        int length = Encoding.ASCII.GetChars(name, chars);
        return BySpan.TryGetValue(chars[..length], out ZoneAbbreviation? found) ? found : null;
    }

    /// <summary>Seconds west of UTC at a local time.</summary>
    public static int OffsetWestOfLocal(ZoneAbbreviation abbreviation, in DateTimeFields local, out bool isDaylight)
    {
        Zone zone = ZoneOf(abbreviation);
        ZonePeriod period = zone.PeriodOfLocal(local);
        long instant = ((long)local.Julian - Calendar.UnixEpochJulian) * Calendar.SecondsPerDay + (local.Hour * 60 + local.Minute) * 60 + local.Second - period.OffsetEast;
        if (zone.TryInterpret(Encoding.ASCII.GetBytes(abbreviation.Name), instant, out ZonePeriod meant)) period = meant;
        isDaylight = period.IsDaylight;
        return -period.OffsetEast;
    }

    /// <summary>Seconds west of UTC at an instant.</summary>
    public static int OffsetWestAt(ZoneAbbreviation abbreviation, long unixSeconds, out bool isDaylight)
    {
        Zone zone = ZoneOf(abbreviation);
        if (!zone.TryInterpret(Encoding.ASCII.GetBytes(abbreviation.Name), unixSeconds, out ZonePeriod period)) period = zone.PeriodAt(unixSeconds);
        isDaylight = period.IsDaylight;
        return -period.OffsetEast;
    }

    public static List<ZoneListing> List(long unixSeconds)
    {
        List<ZoneListing> rows = [];
        foreach (ZoneAbbreviation entry in All.Values.OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            bool isDaylight = entry.IsDaylight;
            int offset = entry.ZoneName is null ? entry.OffsetEast : -OffsetWestAt(entry, unixSeconds, out isDaylight);
            rows.Add(new ZoneListing(entry.Name, entry.Name, offset, isDaylight));
        }
        return rows;
    }

    public static Zone ZoneOf(ZoneAbbreviation abbreviation) => ZoneCatalog.Find(abbreviation.ZoneName) ?? Zone.Utc;

    private static FrozenDictionary<string, ZoneAbbreviation> Load()
    {
        Dictionary<string, ZoneAbbreviation> all = new(StringComparer.OrdinalIgnoreCase);
        foreach (string entry in Fixed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split(',');
            all.Add(parts[0], new ZoneAbbreviation(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), parts.Length > 2, null));
        }
        foreach (string entry in Dynamic.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split(',');
            all.Add(parts[0], new ZoneAbbreviation(parts[0], 0, false, parts[1]));
        }
        return all.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
