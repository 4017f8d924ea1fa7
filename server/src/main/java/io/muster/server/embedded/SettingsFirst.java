package io.muster.server.embedded;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.web.server.WebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Makes all beans that are {@link ReadFirst} before the web server, whose filters are the first to want a database. */
@Component
class SettingsFirst implements WebServerFactoryCustomizer<WebServerFactory> {

    private final ListableBeanFactory beans;

    SettingsFirst(ListableBeanFactory beans) {
        this.beans = beans;
    }

    @Override
    public void customize(WebServerFactory server) {
        beans.getBeansWithAnnotation(ReadFirst.class);
    }
}
