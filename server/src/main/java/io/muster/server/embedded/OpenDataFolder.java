package io.muster.server.embedded;

import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The data folder, whichever database is used. */
@Configuration(proxyBeanMethods = false)
class OpenDataFolder {

    /** {@code main} has opened it already, before Spring; tests have not. */
    @Bean
    @ConditionalOnMissingBean
    DataFolder dataFolder(@Value("${muster.data}") Path folder) {
        return DataFolder.open(folder);
    }
}
