package org.posthorn.smtp.server;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// The extensions that a listener can offer, in the order in which `EHLO` names them.
enum Extension {
    /// RFC 2920.
    PIPELINING,
    /// RFC 1870.
    SIZE,
    /// RFC 6152.
    EIGHT_BIT_MIME("8BITMIME"),
    /// RFC 6531.
    SMTPUTF8,
    /// RFC 2034.
    ENHANCEDSTATUSCODES,
    /// RFC 3030.
    CHUNKING,
    /// RFC 3030; only by `BDAT`.
    BINARYMIME,
    /// RFC 3461.
    DSN,
    /// RFC 3207.
    STARTTLS,
    /// RFC 4954; where nobody can listen.
    AUTH,
    /// RFC 8689; only under TLS.
    REQUIRETLS,
    /// RFC 9422.
    LIMITS,
    /// RFC 6710.
    MT_PRIORITY("MT-PRIORITY"),
    /// RFC 2852.
    DELIVERBY,
    /// RFC 4865.
    FUTURERELEASE,
    /// draft-hall-prdr-00.
    PRDR,
    /// RFC 1985.
    ETRN,
    /// RFC 5321 §3.5.
    EXPN,
    /// RFC 5321 §4.1.1.8.
    HELP;

    private final String keyword;

    Extension() {
        this.keyword = name();
    }

    Extension(String keyword) {
        this.keyword = keyword;
    }

    String keyword() {
        return keyword;
    }

    /// Finds an extension by its keyword, in any case.
    ///
    /// @throws IllegalArgumentException when there is none, for an operator
    static Extension named(String keyword) {
        return Arrays.stream(values())
                .filter(it -> it.keyword.equals(keyword.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "discard-ehlo-keywords: '"
                                                + keyword
                                                + "' is not offered anyway; there are: "
                                                + Arrays.stream(values())
                                                        .map(Extension::keyword)
                                                        .collect(Collectors.joining(", "))));
    }
}
