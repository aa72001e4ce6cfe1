package org.posthorn.integration.peer;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Decides for [Needs].
final class NeedsCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String missing =
                AnnotationSupport.findAnnotation(context.getElement(), Needs.class).stream()
                        .flatMap(needs -> Stream.of(needs.value()))
                        .map(Peer::missing)
                        .flatMap(Optional::stream)
                        .collect(Collectors.joining("; "));
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("all peers are here");
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new ExtensionConfigurationException(missing);
        }
        return ConditionEvaluationResult.disabled(missing);
    }
}
