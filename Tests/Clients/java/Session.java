import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** pgjdbc as applications use it, statements prepared at once and results in binary. Prints what it sees; the same lines are expected from VecSql and from PostgreSQL. */
public final class Session {
    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    private interface Part {
        void run() throws Exception;
    }

    public static void main(String[] ports) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        for (String port : ports) {
            System.out.println("port");
            try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&prepareThreshold=1&binaryTransfer=true&sslmode=disable")) {
                Session session = new Session(connection);
                session.part("types", session::types);
                session.part("statements", session::statements);
                session.part("batches", session::batches);
                session.part("cursors", session::cursors);
                session.part("copies", session::copies);
                session.part("errors", session::errors);
                session.part("metadata", session::metadata);
                connection.createStatement().execute("DROP TABLE IF EXISTS jdbc_items");
            }
            System.out.println("end");
        }
    }

    private void part(String name, Part part) throws SQLException {
        try {
            part.run();
        } catch (Exception e) {
            System.out.println("FAILED " + name + " " + e);
        }
        if (!connection.getAutoCommit()) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static void show(String label, Object... values) {
        StringBuilder line = new StringBuilder(label);
        for (Object value : values) line.append(" | ").append(value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value));
        System.out.println(line);
    }

    private void types() throws Exception {
        Object[][] values = {
            {"int2", (short) -5}, {"int4", Integer.MAX_VALUE}, {"int8", Long.MIN_VALUE}, {"float4", 1.5f}, {"float8", 1e-300}, {"numeric", new BigDecimal("-12345678901234567890.123450")}, {"text", "ä€😀\n"},
            {"varchar", "v"}, {"bool", true}, {"bytea", new byte[] {0, -1, 92}}, {"date", LocalDate.of(2024, 2, 29)}, {"time", LocalTime.of(23, 59, 59)}, {"timestamp", LocalDateTime.of(1999, 12, 31, 23, 59, 59, 1000)},
            {"timestamptz", OffsetDateTime.of(2024, 2, 29, 12, 0, 0, 0, ZoneOffset.UTC)}, {"uuid", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")},
        };
        for (Object[] value : values) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT ?::" + value[0] + ", NULL::" + value[0])) {
                for (int pass = 0; pass < 2; pass++) { // described first, then in binary
                    statement.setObject(1, value[1]);
                    try (ResultSet rows = statement.executeQuery()) {
                        rows.next();
                        show((String) value[0], rows.getObject(1), rows.getObject(2), rows.wasNull(), rows.getMetaData().getColumnTypeName(1), rows.getMetaData().getColumnClassName(1));
                    }
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?::int4[], ?::text[], '{\"a\": 1}'::jsonb, '1 day 02:03:04'::interval")) {
            for (int pass = 0; pass < 2; pass++) {
                statement.setArray(1, connection.createArrayOf("int4", new Integer[] {1, null, 3}));
                statement.setArray(2, connection.createArrayOf("text", new String[] {"a", "q\"u", null}));
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    show("arrays", Arrays.toString((Object[]) rows.getArray(1).getArray()), Arrays.toString((Object[]) rows.getArray(2).getArray()), rows.getObject(3), rows.getObject(4));
                }
            }
        }
    }

    private void statements() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE jdbc_items (id serial PRIMARY KEY, name varchar(20) NOT NULL, price numeric(10,2), made timestamp)");
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc_items (name, price, made) VALUES (?, ?, ?)", Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < 4; i++) {
                insert.setString(1, "n" + i);
                insert.setBigDecimal(2, i == 2 ? null : BigDecimal.valueOf(i, 1));
                insert.setTimestamp(3, Timestamp.valueOf("2024-02-29 00:00:0" + i));
                int count = insert.executeUpdate();
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    keys.next();
                    show("inserted", count, keys.getInt(1), keys.getString("name"));
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            boolean hasRows = statement.execute("SELECT 1; UPDATE jdbc_items SET price = 7 WHERE id < 3; SELECT count(*) FROM jdbc_items");
            while (true) {
                if (hasRows) {
                    statement.getResultSet().next();
                    show("result", statement.getResultSet().getLong(1));
                } else if (statement.getUpdateCount() < 0) break;
                else show("count", statement.getUpdateCount());
                hasRows = statement.getMoreResults();
            }
        }
    }

    private void batches() throws Exception {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc_items (name, price) VALUES (?, ?)")) {
            for (int i = 0; i < 300; i++) {
                insert.setString(1, "batch" + i);
                insert.setBigDecimal(2, BigDecimal.valueOf(i));
                insert.addBatch();
            }
            show("batch", Arrays.stream(insert.executeBatch()).sum());
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc_items (id, name) VALUES (?, ?)")) {
            for (int id : new int[] {1001, 1, 1002}) {
                insert.setInt(1, id);
                insert.setString(2, "clash");
                insert.addBatch();
            }
            insert.executeBatch();
        } catch (BatchUpdateException e) {
            show("batch error", e.getSQLState(), Arrays.toString(e.getUpdateCounts()));
        }
        count("after batches");
    }

    private void cursors() throws Exception {
        connection.setAutoCommit(false);
        try (PreparedStatement select = connection.prepareStatement("SELECT id, name FROM jdbc_items WHERE id > ? ORDER BY id")) {
            for (int size : new int[] {0, 7, 50}) {
                select.setFetchSize(size);
                select.setInt(1, 100);
                long sum = 0, rows = 0;
                try (ResultSet result = select.executeQuery()) {
                    while (result.next()) {
                        sum += result.getInt(1);
                        rows++;
                    }
                }
                show("fetched by " + size, rows, sum);
            }
            select.setFetchSize(5);
            try (ResultSet result = select.executeQuery()) {
                result.next();
                show("left early", result.getInt(1));
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY); ResultSet rows = statement.executeQuery("SELECT id FROM jdbc_items ORDER BY id LIMIT 3")) {
            rows.last();
            show("scrolled", rows.getRow(), rows.getInt(1));
        }
    }

    private void copies() throws Exception {
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        show("copy in", copy.copyIn("COPY jdbc_items (id, name, price) FROM STDIN (FORMAT csv)", new StringReader("2001,\"x,y\",1.5\n2002,ä,\n")));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        show("copy out", copy.copyOut("COPY (SELECT id, name, price FROM jdbc_items WHERE id > 2000 ORDER BY id) TO STDOUT", out), out.toString(StandardCharsets.UTF_8));
        try {
            copy.copyIn("COPY jdbc_items (id, name) FROM STDIN", new StringReader("one\ttwo\n"));
        } catch (SQLException e) {
            show("copy error", e.getSQLState(), e.getMessage());
        }
        count("after copies");
    }

    private void errors() throws Exception {
        for (String sql : new String[] {"SELECT missing FROM jdbc_items", "SELEC", "INSERT INTO jdbc_items (id, name) VALUES (1, 'x')", "INSERT INTO jdbc_items (name) VALUES (NULL)", "SELECT 1/0", "SELECT 'x'::int"}) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.execute();
            } catch (SQLException e) {
                show("error", e.getSQLState(), e.getMessage());
            }
        }
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        Savepoint savepoint = connection.setSavepoint("here");
        try (Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM jdbc_items");
            connection.rollback(savepoint);
        }
        connection.commit();
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            statement.execute("SELECT pg_sleep(20)");
        } catch (SQLException e) {
            show("timeout", e.getSQLState());
        }
        count("after errors");
    }

    private void metadata() throws Exception {
        DatabaseMetaData about = connection.getMetaData();
        show("product", about.getDatabaseProductName(), about.getDatabaseMajorVersion());
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA jdbc_meta");
            statement.execute("CREATE TABLE jdbc_meta.parent (a int, b varchar(10) DEFAULT 'x', c numeric(8,3) NOT NULL, d timestamptz(3), e text[], f char(4), g bigserial, h bit(3), PRIMARY KEY (b, a), UNIQUE (g, c))");
            statement.execute("CREATE TABLE jdbc_meta.child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x int, y varchar(10), z int GENERATED ALWAYS AS (x + 1) STORED, "
                + "FOREIGN KEY (y, x) REFERENCES jdbc_meta.parent (b, a) ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE)");
            statement.execute("CREATE INDEX child_x ON jdbc_meta.child (x DESC, lower(y)) WHERE x > 0");
            statement.execute("CREATE VIEW jdbc_meta.seen AS SELECT a, b FROM jdbc_meta.parent");
            statement.execute("CREATE FUNCTION jdbc_meta.twice(n int) RETURNS bigint LANGUAGE sql AS 'SELECT 2::bigint * n'");
            statement.execute("CREATE TYPE jdbc_meta.mood AS ENUM ('sad', 'happy')");
            statement.execute("COMMENT ON TABLE jdbc_meta.parent IS 'parents'");
            statement.execute("COMMENT ON COLUMN jdbc_meta.parent.c IS 'a number'");
        }
        all("tables", about.getTables(null, "jdbc_meta", "%", null));
        all("columns", about.getColumns(null, "jdbc_meta", "%", "%"));
        all("primary keys", about.getPrimaryKeys(null, "jdbc_meta", "parent"));
        all("imported keys", about.getImportedKeys(null, "jdbc_meta", "child"));
        all("exported keys", about.getExportedKeys(null, "jdbc_meta", "parent"));
        all("cross reference", about.getCrossReference(null, "jdbc_meta", "parent", null, "jdbc_meta", "child"));
        all("indexes", about.getIndexInfo(null, "jdbc_meta", "parent", false, false), "PAGES", "CARDINALITY");
        all("indexes", about.getIndexInfo(null, "jdbc_meta", "child", true, true), "PAGES", "CARDINALITY");
        all("best row", about.getBestRowIdentifier(null, "jdbc_meta", "parent", DatabaseMetaData.bestRowSession, true));
        all("version columns", about.getVersionColumns(null, "jdbc_meta", "parent"));
        all("procedures", about.getProcedures(null, "jdbc_meta", "%"));
        all("functions", about.getFunctions(null, "jdbc_meta", "%"), "SPECIFIC_NAME");
        all("function columns", about.getFunctionColumns(null, "jdbc_meta", "%", "%"), "SPECIFIC_NAME");
        all("table privileges", about.getTablePrivileges(null, "jdbc_meta", "parent"));
        all("column privileges", about.getColumnPrivileges(null, "jdbc_meta", "parent", "a"));
        all("types", about.getUDTs(null, "jdbc_meta", "%", null));
        all("table types", about.getTableTypes());
        all("schemas", about.getSchemas(null, "jdbc%"));
        Set<String> common = Set.of("int4", "int8", "text", "numeric", "timestamptz", "bool", "bytea", "uuid", "jsonb", "_int4", "varchar", "bpchar", "interval");
        try (ResultSet types = about.getTypeInfo()) {
            while (types.next()) if (common.contains(types.getString("TYPE_NAME"))) row("type", types);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA jdbc_meta CASCADE");
        }
    }

    /** All columns of all rows, but for those that differ by nature. */
    private static void all(String label, ResultSet rows, String... without) throws SQLException {
        try (rows) {
            while (rows.next()) row(label, rows, without);
        }
    }

    private static void row(String label, ResultSet rows, String... without) throws SQLException {
        List<Object> values = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++)
            if (!List.of(without).contains(rows.getMetaData().getColumnLabel(i).toUpperCase(Locale.ROOT))) values.add(rows.getString(i));
        show(label, values.toArray());
    }

    private void count(String label) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery("SELECT count(*), coalesce(sum(price), 0) FROM jdbc_items")) {
            rows.next();
            show(label, rows.getLong(1), rows.getBigDecimal(2));
        }
    }
}
