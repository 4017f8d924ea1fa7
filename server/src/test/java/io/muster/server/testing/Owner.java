package io.muster.server.testing;

import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Who owns the tables of a server under test: may do what the server itself may not. */
public final class Owner {

    private Owner() {}

    public static JdbcClient of(Environment environment) {
        return JdbcClient.create(new DriverManagerDataSource(
                environment.getRequiredProperty("muster.database.url"),
                environment.getRequiredProperty("muster.database.owner-user"),
                environment.getRequiredProperty("muster.database.owner-password")));
    }
}
