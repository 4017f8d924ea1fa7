package io.muster.server.tenancy;

import io.muster.server.access.Access;
import io.muster.server.keys.Cursors;
import io.muster.server.keys.Cursors.Page;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/<path>} and {@code /api/v1/<path>/<id>} of one noun; {@link DeclareRoutes} makes one for each. */
class DeclareController<T> {

    private final Noun<T> noun;
    private final Declarations declarations;
    private final DeclarationJson json;
    private final Cursors cursors;
    private final Access access;

    DeclareController(Noun<T> noun, Declarations declarations, DeclarationJson json, Cursors cursors, Access access) {
        this.noun = noun;
        this.declarations = declarations;
        this.json = json;
        this.cursors = cursors;
        this.access = access;
    }

    ResponseEntity<Page<?>> list(
            @RequestParam(name = "limit", defaultValue = "100") int limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor) {
        var caller = access.caller();
        var after = cursor == null ? null : cursors.decode(noun.path(), cursor);
        var page =
                cursors.page(noun.path(), noun.page(after, Cursors.limit(limit) + 1, caller), limit, Noun.Declared::id);
        return ResponseEntity.ok(new Page<>(json.answers(noun, page.items(), caller), page.next()));
    }

    ResponseEntity<ObjectNode> get(
            @PathVariable("id") String id,
            @RequestHeader(name = HttpHeaders.IF_NONE_MATCH, required = false) @Nullable String ifNoneMatch) {
        var found = noun.find(List.of(id), access.caller()).get(id);
        if (found == null) throw Declarations.notFound(noun, id);
        if (ifNoneMatch != null && Precondition.names(ifNoneMatch, found.version())) {
            return ResponseEntity.status(HttpStatus.NOT_MODIFIED)
                    .eTag(Precondition.tag(found.version()))
                    .build();
        }
        return answer(HttpStatus.OK, found);
    }

    ResponseEntity<ObjectNode> put(@PathVariable("id") String id, HttpServletRequest request) throws IOException {
        var sent = json.value(body(request), noun);
        return answer(declarations.put(noun, id, precondition(request), _ -> sent));
    }

    ResponseEntity<ObjectNode> patch(@PathVariable("id") String id, HttpServletRequest request) throws IOException {
        var patch = body(request);
        return answer(declarations.put(noun, id, precondition(request), before -> {
            if (before == null) throw Declarations.notFound(noun, id);
            return json.value(json.patched(before.value(), patch), noun);
        }));
    }

    ResponseEntity<Void> delete(@PathVariable("id") String id, HttpServletRequest request) {
        declarations.delete(noun, id, precondition(request));
        return ResponseEntity.noContent().build();
    }

    private JsonNode body(HttpServletRequest request) throws IOException {
        return json.read(request.getInputStream().readAllBytes());
    }

    private static Precondition precondition(HttpServletRequest request) {
        return new Precondition(all(request, HttpHeaders.IF_MATCH), all(request, HttpHeaders.IF_NONE_MATCH));
    }

    private static @Nullable String all(HttpServletRequest request, String header) {
        var values = new ArrayList<String>();
        request.getHeaders(header).asIterator().forEachRemaining(values::add);
        return values.isEmpty() ? null : String.join(",", values);
    }

    private ResponseEntity<ObjectNode> answer(Declarations.Put<T> put) {
        return answer(put.created() ? HttpStatus.CREATED : HttpStatus.OK, put.declared());
    }

    private ResponseEntity<ObjectNode> answer(HttpStatus status, Noun.Declared<T> one) {
        return ResponseEntity.status(status)
                .eTag(Precondition.tag(one.version()))
                .body(json.answers(noun, List.of(one), access.caller()).getFirst());
    }
}
