using System.Globalization;
using System.Text;

namespace VecSql.Benchmarks.Tpch;

/// <summary>
/// TPC-H's eight tables, with the value distributions of the public specification (clause 4.2.3) but random numbers and comment texts of our own:
/// results are compared between engines, not with published answers. The same seed gives the same bytes.
/// </summary>
internal sealed class TpchGenerator(double scale, string folder)
{
    private static readonly DateOnly First = new(1992, 1, 1), LastOrder = new(1998, 8, 2), Current = new(1995, 6, 17);
    private static readonly string[] Segments = ["AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"];
    private static readonly string[] Priorities = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];
    private static readonly string[] Instructions = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"];
    private static readonly string[] Modes = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"];
    private static readonly string[] Words = ["furiously", "quick", "pending", "deposits", "sleep", "blithely", "ironic", "accounts", "above", "the", "final", "requests", "nag", "carefully", "special", "packages"];
    private static readonly string[] Regions = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"];
    private static readonly (string Name, int Region)[] Nations =
    [
        ("ALGERIA", 0), ("ARGENTINA", 1), ("BRAZIL", 1), ("CANADA", 1), ("EGYPT", 4), ("ETHIOPIA", 0), ("FRANCE", 3), ("GERMANY", 3), ("INDIA", 2), ("INDONESIA", 2), ("IRAN", 4), ("IRAQ", 4), ("JAPAN", 2),
        ("JORDAN", 4), ("KENYA", 0), ("MOROCCO", 0), ("MOZAMBIQUE", 0), ("PERU", 1), ("CHINA", 2), ("ROMANIA", 3), ("SAUDI ARABIA", 4), ("VIETNAM", 2), ("RUSSIA", 3), ("UNITED KINGDOM", 3), ("UNITED STATES", 1),
    ];
    private static readonly string[] Colours = ["almond", "azure", "beige", "blue", "chocolate", "coral", "cream", "cyan", "drab", "forest", "frosted", "ghost", "gold", "green", "honeydew", "indian", "ivory",
        "khaki", "lace", "lemon", "linen", "magenta", "maroon", "mint", "navy", "olive", "orchid", "peach", "plum", "powder", "puff", "red", "rose", "salmon", "sienna", "sky", "slate", "snow", "tan", "violet"];
    private static readonly string[] Finishes = ["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"], Treatments = ["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"];
    private static readonly string[] Metals = ["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"];
    private static readonly string[] Sizes = ["SM", "LG", "MED", "JUMBO", "WRAP"], Boxes = ["CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"];

    public const string Schema = """
        CREATE TABLE region (r_regionkey int PRIMARY KEY, r_name char(25) NOT NULL, r_comment varchar(152) NOT NULL);
        CREATE TABLE nation (n_nationkey int PRIMARY KEY, n_name char(25) NOT NULL, n_regionkey int NOT NULL, n_comment varchar(152) NOT NULL);
        CREATE TABLE supplier (s_suppkey int PRIMARY KEY, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL, s_nationkey int NOT NULL, s_phone char(15) NOT NULL, s_acctbal numeric(15,2) NOT NULL,
            s_comment varchar(101) NOT NULL);
        CREATE TABLE part (p_partkey int PRIMARY KEY, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL, p_size int NOT NULL, p_container char(10) NOT NULL,
            p_retailprice numeric(15,2) NOT NULL, p_comment varchar(23) NOT NULL);
        CREATE TABLE partsupp (ps_partkey int NOT NULL, ps_suppkey int NOT NULL, ps_availqty int NOT NULL, ps_supplycost numeric(15,2) NOT NULL, ps_comment varchar(199) NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey));
        CREATE TABLE customer (c_custkey int PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL, c_nationkey int NOT NULL, c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL,
            c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL);
        CREATE TABLE orders (o_orderkey int PRIMARY KEY, o_custkey int NOT NULL, o_orderstatus char(1) NOT NULL, o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL,
            o_clerk char(15) NOT NULL, o_shippriority int NOT NULL, o_comment varchar(79) NOT NULL);
        CREATE TABLE lineitem (l_orderkey int NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL, l_linenumber int NOT NULL, l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL,
            l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL,
            l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber));
        CREATE INDEX orders_custkey ON orders (o_custkey);
        CREATE INDEX lineitem_partkey ON lineitem (l_partkey, l_suppkey);
        """;

    public static IReadOnlyList<string> Tables { get; } = ["region", "nation", "supplier", "part", "partsupp", "customer", "orders", "lineitem"];

    /// <summary>A table's file in COPY's text format.</summary>
    public string FileOf(string table) => Path.Combine(folder, table + ".tsv");

    private int Customers => (int)(150_000 * scale);
    private int Orders => (int)(1_500_000 * scale);
    private int Parts => Math.Max(1, (int)(200_000 * scale));
    private int Suppliers => Math.Max(4, (int)(10_000 * scale));

    public void Write()
    {
        WritePlaces();
        WriteSuppliers();
        WriteParts();
        WriteCustomers();
        WriteOrders();
    }

    private StreamWriter Create(string table) => new(FileOf(table), false, Encoding.ASCII, 1 << 16);

    private void WritePlaces()
    {
        Random random = new(3);
        using StreamWriter regions = Create("region"), nations = Create("nation");
        for (int key = 0; key < Regions.Length; key++) regions.Write($"{key}\t{Regions[key]}\t{Comment(random, 31, 115)}\n");
        for (int key = 0; key < Nations.Length; key++) nations.Write($"{key}\t{Nations[key].Name}\t{Nations[key].Region}\t{Comment(random, 31, 114)}\n");
    }

    private void WriteSuppliers()
    {
        Random random = new(4);
        using StreamWriter file = Create("supplier");
        for (int key = 1; key <= Suppliers; key++)
        {
            int nation = random.Next(Nations.Length);
            // A few have complaints, for query 16.
            string comment = key % 250 == 7 ? $"Customer {Comment(random, 10, 30)} Complaints" : Comment(random, 25, 100);
            file.Write($"{key}\tSupplier#{key:D9}\t{Comment(random, 10, 40)}\t{nation}\t{Phone(random, nation)}\t{Money(random.Next(-99_999, 1_000_000))}\t{comment}\n");
        }
    }

    private void WriteParts()
    {
        Random random = new(5);
        using StreamWriter parts = Create("part"), offers = Create("partsupp");
        string[] colours = [.. Colours];
        for (int key = 1; key <= Parts; key++)
        {
            // The first five of a shuffle.
            for (int i = 0; i < 5; i++)
            {
                int other = random.Next(i, colours.Length);
                (colours[i], colours[other]) = (colours[other], colours[i]);
            }
            int maker = random.Next(1, 6);
            parts.Write($"{key}\t{string.Join(' ', colours.AsSpan(0, 5)!)}\tManufacturer#{maker}\tBrand#{maker}{random.Next(1, 6)}\t{Pick(random, Finishes)} {Pick(random, Treatments)} {Pick(random, Metals)}\t");
            parts.Write($"{random.Next(1, 51)}\t{Pick(random, Sizes)} {Pick(random, Boxes)}\t{Money(PriceOf(key))}\t{Comment(random, 5, 22)}\n");
            for (int i = 0; i < 4; i++) offers.Write($"{key}\t{SupplierOf(key, i)}\t{random.Next(1, 10_000)}\t{Money(random.Next(100, 100_001))}\t{Comment(random, 49, 198)}\n");
        }
    }

    /// <summary>One of the four suppliers of a part (clause 4.2.3).</summary>
    private int SupplierOf(int part, int place) => (part + place * (Suppliers / 4 + (part - 1) / Suppliers)) % Suppliers + 1;

    private static long PriceOf(int part) => 90_000L + part / 10 % 20_001 + 100 * (part % 1000);

    private static string Pick(Random random, string[] words) => words[random.Next(words.Length)];

    private static string Phone(Random random, int nation) => $"{nation + 10}-{random.Next(100, 1000)}-{random.Next(100, 1000)}-{random.Next(1000, 10000)}";

    private void WriteCustomers()
    {
        Random random = new(1);
        using StreamWriter file = Create("customer");
        for (int key = 1; key <= Customers; key++)
        {
            int nation = random.Next(25);
            file.Write($"{key}\tCustomer#{key:D9}\t{Comment(random, 10, 40)}\t{nation}\t{Phone(random, nation)}\t");
            file.Write($"{Money(random.Next(-99_999, 1_000_000))}\t{Segments[random.Next(5)]}\t{Comment(random, 29, 116)}\n");
        }
    }

    private void WriteOrders()
    {
        Random random = new(2);
        int clerks = Math.Max(1, (int)(1000 * scale)), days = LastOrder.DayNumber - First.DayNumber + 1;
        using StreamWriter orders = Create("orders"), lines = Create("lineitem");
        for (int i = 0; i < Orders; i++)
        {
            // Keys are sparse: 8 of each 32 are used. A third of the customers never order.
            int key = (i / 8 * 32) + (i % 8) + 1, customer = random.Next(Customers) + 1;
            if (customer % 3 == 0) customer = customer == Customers ? customer - 1 : customer + 1;
            DateOnly ordered = First.AddDays(random.Next(days));
            int count = random.Next(1, 8), open = 0;
            long total = 0;
            for (int line = 1; line <= count; line++)
            {
                int part = random.Next(Parts) + 1, quantity = random.Next(1, 51), discount = random.Next(11), tax = random.Next(9);
                long price = quantity * PriceOf(part);
                DateOnly shipped = ordered.AddDays(random.Next(1, 122)), committed = ordered.AddDays(random.Next(30, 91)), received = shipped.AddDays(random.Next(1, 31));
                bool isOpen = shipped > Current;
                if (isOpen) open++;
                total += price * (100 + tax) * (100 - discount) / 10_000;
                char flag = received > Current ? 'N' : random.Next(2) == 0 ? 'R' : 'A';
                lines.Write($"{key}\t{part}\t{SupplierOf(part, random.Next(4))}\t{line}\t{quantity}.00\t{Money(price)}\t0.{discount:D2}\t0.{tax:D2}\t{flag}\t{(isOpen ? 'O' : 'F')}\t{Day(shipped)}\t{Day(committed)}\t{Day(received)}\t");
                lines.Write($"{Instructions[random.Next(4)]}\t{Modes[random.Next(7)]}\t{Comment(random, 10, 43)}\n");
            }
            char status = open == 0 ? 'F' : open == count ? 'O' : 'P';
            orders.Write($"{key}\t{customer}\t{status}\t{Money(total)}\t{Day(ordered)}\t{Priorities[random.Next(5)]}\tClerk#{random.Next(clerks) + 1:D9}\t0\t{Comment(random, 19, 78)}\n");
        }
    }

    private static string Money(long cents) => $"{(cents < 0 ? "-" : "")}{Math.Abs(cents) / 100}.{Math.Abs(cents) % 100:D2}";

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Comment(Random random, int least, int most)
    {
        int length = random.Next(least, most + 1);
        StringBuilder text = new();
        while (text.Length < length) text.Append(Words[random.Next(Words.Length)]).Append(' ');
        text.Length = length;
        text[length - 1] = '.';
        return text.ToString();
    }
}
