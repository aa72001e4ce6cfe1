package org.posthorn.api.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The value of a setting that the configuration does not mention. A setting without one must be
/// given, unless it is an `Optional`.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
    /// The value, written as it would stand in the configuration file, such as `5m`, `50MiB` or
    /// `[]`.
    String value();
}
