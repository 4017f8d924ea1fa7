package io.muster.server.tenancy;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/** JSON by Jackson, which has bounds of its own for depth and length. */
final class JsonTokens implements DocumentTokens {

    private final JsonParser json;

    JsonTokens(JsonParser json) {
        this.json = json;
    }

    @Override
    public Kind next() {
        var token = json.nextToken();
        if (token == null) return Kind.END;
        return switch (token) {
            case START_OBJECT -> Kind.OBJECT;
            case END_OBJECT -> Kind.END_OBJECT;
            case START_ARRAY -> Kind.LIST;
            case END_ARRAY -> Kind.END_LIST;
            case PROPERTY_NAME -> Kind.NAME;
            default -> Kind.SCALAR;
        };
    }

    @Override
    public int line() {
        return json.currentTokenLocation().getLineNr();
    }

    @Override
    public String text() {
        return json.currentName();
    }

    @Override
    public JsonNode scalar() {
        return switch (json.currentToken()) {
            case VALUE_TRUE -> BooleanNode.TRUE;
            case VALUE_FALSE -> BooleanNode.FALSE;
            case VALUE_NULL -> NullNode.getInstance();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.readValueAsTree();
            default -> StringNode.valueOf(json.getString());
        };
    }

    @Override
    public @Nullable String anchor() {
        return null;
    }
}
