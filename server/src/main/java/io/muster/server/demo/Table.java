package io.muster.server.demo;

/** What the SaaS keeps of its customers. Taken in at the intake, brought home by a job of its own for each region. */
enum Table {
    USERS("""
            create table if not exists users (
                id         bigint %s primary key,
                tenant_id  text not null,
                full_name  text not null,
                email      text not null,
                created_at timestamptz not null default now()
            )
            """, """
            select u.id, u.tenant_id, to_jsonb(u)::text
              from users u
              join tenant t on t.id = u.tenant_id
             where t.home = ?
             order by u.id
             limit ?
            """, """
            insert into users
            select * from jsonb_populate_record(null::users, ?::jsonb)
                on conflict do nothing
            """, """
            delete from users where id = any (?)
            """, """
            delete from users where id < (select max(id) from users) - ?
            """),
    INVOICES("""
            create table if not exists invoices (
                id         bigint %s primary key,
                tenant_id  text not null,
                customer   text not null,
                cents      bigint not null,
                created_at timestamptz not null default now()
            )
            """, """
            select i.id, i.tenant_id, to_jsonb(i)::text
              from invoices i
              join tenant t on t.id = i.tenant_id
             where t.home = ?
             order by i.id
             limit ?
            """, """
            insert into invoices
            select * from jsonb_populate_record(null::invoices, ?::jsonb)
                on conflict do nothing
            """, """
            delete from invoices where id = any (?)
            """, """
            delete from invoices where id < (select max(id) from invoices) - ?
            """);

    private final String create;
    final String waiting;
    final String bring;
    final String remove;
    final String trim;

    Table(String create, String waiting, String bring, String remove, String trim) {
        this.create = create;
        this.waiting = waiting;
        this.bring = bring;
        this.remove = remove;
        this.trim = trim;
    }

    /** The intake numbers the rows; at home they keep their numbers. */
    String createAt(boolean intake) {
        return create.formatted(intake ? "generated always as identity" : "");
    }
}
