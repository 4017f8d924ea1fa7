package io.muster.server.tenancy;

import io.muster.server.access.Access;
import io.muster.server.keys.Cursors;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Gives each noun its addresses. Not one pattern for all, {@code /api/v1/{noun}/{id}}: that would answer 404 for others'
 * paths where 405 is right.
 */
@Component
class DeclareRoutes implements SmartInitializingSingleton {

    private static final String MERGE_PATCH = "application/merge-patch+json";

    private final Nouns nouns;
    private final RequestMappingHandlerMapping mapping;
    private final Declarations declarations;
    private final DeclarationJson json;
    private final Cursors cursors;
    private final Access access;

    DeclareRoutes(
            Nouns nouns,
            @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping,
            Declarations declarations,
            DeclarationJson json,
            Cursors cursors,
            Access access) {
        this.nouns = nouns;
        this.mapping = mapping;
        this.declarations = declarations;
        this.json = json;
        this.cursors = cursors;
        this.access = access;
    }

    @Override
    public void afterSingletonsInstantiated() {
        for (var noun : nouns.all()) {
            var controller = new DeclareController<>(noun, declarations, json, cursors, access);
            var list = "/api/v1/" + noun.path();
            var one = list + "/{id}";
            route(controller, "list", info(list, RequestMethod.GET));
            route(controller, "get", info(one, RequestMethod.GET));
            route(controller, "put", info(one, RequestMethod.PUT).consumes(MediaType.APPLICATION_JSON_VALUE));
            route(
                    controller,
                    "patch",
                    info(one, RequestMethod.PATCH).consumes(MERGE_PATCH, MediaType.APPLICATION_JSON_VALUE));
            route(controller, "delete", info(one, RequestMethod.DELETE));
        }
    }

    private static RequestMappingInfo.Builder info(String path, RequestMethod method) {
        return RequestMappingInfo.paths(path).methods(method);
    }

    private void route(DeclareController<?> controller, String name, RequestMappingInfo.Builder info) {
        mapping.registerMapping(info.options(mapping.getBuilderConfiguration()).build(), controller, method(name));
    }

    private static Method method(String name) {
        return Arrays.stream(DeclareController.class.getDeclaredMethods())
                .filter(method -> method.getName().equals(name) && !method.isSynthetic())
                .findAny()
                .orElseThrow(() -> new IllegalStateException("DeclareController has no " + name));
    }
}
