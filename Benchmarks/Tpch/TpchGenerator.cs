using System.Globalization;
using System.Text;

namespace VecSql.Benchmarks.Tpch;

/// <summary>
/// The three tables that TPC-H's queries 1, 3 and 6 read, with the value distributions of the public specification (clause 4.2.3) but random numbers and comment texts of our own:
/// results are compared between engines, not with published answers. The same seed gives the same bytes.
/// </summary>
internal sealed class TpchGenerator(double scale, string folder)
{
    private static readonly DateOnly First = new(1992, 1, 1), LastOrder = new(1998, 8, 2), Current = new(1995, 6, 17);
    private static readonly string[] Segments = ["AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"];
    private static readonly string[] Priorities = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];
    private static readonly string[] Instructions = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"];
    private static readonly string[] Modes = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"];
    private static readonly string[] Words = ["furiously", "quick", "pending", "deposits", "sleep", "blithely", "ironic", "accounts", "above", "the", "final", "requests", "nag", "carefully"];

    public const string Schema = """
        CREATE TABLE customer (c_custkey int PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL, c_nationkey int NOT NULL, c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL,
            c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL);
        CREATE TABLE orders (o_orderkey int PRIMARY KEY, o_custkey int NOT NULL, o_orderstatus char(1) NOT NULL, o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL,
            o_clerk char(15) NOT NULL, o_shippriority int NOT NULL, o_comment varchar(79) NOT NULL);
        CREATE TABLE lineitem (l_orderkey int NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL, l_linenumber int NOT NULL, l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL,
            l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL,
            l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber));
        """;

    public static IReadOnlyList<string> Tables { get; } = ["customer", "orders", "lineitem"];

    /// <summary>A table's file in COPY's text format.</summary>
    public string FileOf(string table) => Path.Combine(folder, table + ".tsv");

    private int Customers => (int)(150_000 * scale);
    private int Orders => (int)(1_500_000 * scale);

    public void Write()
    {
        WriteCustomers();
        WriteOrders();
    }

    private void WriteCustomers()
    {
        Random random = new(1);
        using StreamWriter file = new(FileOf("customer"), false, Encoding.ASCII, 1 << 16);
        for (int key = 1; key <= Customers; key++)
        {
            int nation = random.Next(25);
            file.Write($"{key}\tCustomer#{key:D9}\t{Comment(random, 10, 40)}\t{nation}\t{nation + 10}-{random.Next(100, 1000)}-{random.Next(100, 1000)}-{random.Next(1000, 10000)}\t");
            file.Write($"{Money(random.Next(-99_999, 1_000_000))}\t{Segments[random.Next(5)]}\t{Comment(random, 29, 116)}\n");
        }
    }

    private void WriteOrders()
    {
        Random random = new(2);
        int parts = Math.Max(1, (int)(200_000 * scale)), suppliers = Math.Max(1, (int)(10_000 * scale)), clerks = Math.Max(1, (int)(1000 * scale)), days = LastOrder.DayNumber - First.DayNumber + 1;
        using StreamWriter orders = new(FileOf("orders"), false, Encoding.ASCII, 1 << 16), lines = new(FileOf("lineitem"), false, Encoding.ASCII, 1 << 16);
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
                int part = random.Next(parts) + 1, quantity = random.Next(1, 51), discount = random.Next(11), tax = random.Next(9);
                long price = quantity * (90_000L + (part / 10 % 20_001) + (100 * (part % 1000)));
                DateOnly shipped = ordered.AddDays(random.Next(1, 122)), committed = ordered.AddDays(random.Next(30, 91)), received = shipped.AddDays(random.Next(1, 31));
                bool isOpen = shipped > Current;
                if (isOpen) open++;
                total += price * (100 + tax) * (100 - discount) / 10_000;
                char flag = received > Current ? 'N' : random.Next(2) == 0 ? 'R' : 'A';
                lines.Write($"{key}\t{part}\t{random.Next(suppliers) + 1}\t{line}\t{quantity}.00\t{Money(price)}\t0.{discount:D2}\t0.{tax:D2}\t{flag}\t{(isOpen ? 'O' : 'F')}\t{Day(shipped)}\t{Day(committed)}\t{Day(received)}\t");
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
