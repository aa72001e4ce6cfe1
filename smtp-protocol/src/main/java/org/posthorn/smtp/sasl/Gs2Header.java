package org.posthorn.smtp.sasl;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What stands at the head of a client's first message in the mechanisms of the GS2 family (RFC
/// 5801 §4, RFC 5802 §7). Immutable.
///
/// @param binding whether the exchange is bound to TLS
/// @param authorization whom the client asks to be, if not simply who it is
public record Gs2Header(Binding binding, Optional<String> authorization) {
    private static final Pattern FORM =
            Pattern.compile("(n|y|p=([A-Za-z0-9.-]{1,64})),(?:a=([^,\\x00]+))?,");

    /// Whether the exchange is bound to TLS.
    public sealed interface Binding {
        /// The client cannot do it.
        Binding NONE = new None();

        /// The client could, and thinks that we cannot.
        Binding NOT_OFFERED = new NotOffered();

        /// The client cannot do it.
        record None() implements Binding {}

        /// The client could, and thinks that we cannot.
        record NotOffered() implements Binding {}

        /// It is bound.
        ///
        /// @param type such as `tls-exporter`
        record By(String type) implements Binding {}
    }

    /// Reads the header from the head of a message.
    ///
    /// @throws SaslSyntaxException when there is none
    public static Gs2Header parse(String message) throws SaslSyntaxException {
        Matcher parts = FORM.matcher(message);
        if (!parts.lookingAt()) {
            throw new SaslSyntaxException("a message begins with a GS2 header such as n,,");
        }
        Binding binding =
                switch (parts.group(1).charAt(0)) {
                    case 'n' -> Binding.NONE;
                    case 'y' -> Binding.NOT_OFFERED;
                    default -> new Binding.By(parts.group(2));
                };
        String name = parts.group(3);
        return new Gs2Header(
                binding, name == null ? Optional.empty() : Optional.of(SaslName.decode(name)));
    }

    /// Writes it.
    public String text() {
        String flag =
                switch (binding) {
                    case Binding.None _ -> "n";
                    case Binding.NotOffered _ -> "y";
                    case Binding.By(var type) -> "p=" + type;
                };
        return flag + "," + authorization.map(it -> "a=" + SaslName.encode(it)).orElse("") + ",";
    }
}
