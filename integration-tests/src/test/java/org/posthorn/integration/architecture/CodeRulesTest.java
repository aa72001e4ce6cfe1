package org.posthorn.integration.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;

import org.junit.jupiter.api.Test;

import java.util.Set;
import java.util.regex.Pattern;

/// What no class of ours does.
class CodeRulesTest {
    /// Where clocks, randomness and the rest of the world are taken from, to be handed to
    /// constructors.
    private static final String[] COMPOSITION_ROOTS = {
        "org.posthorn.server", "org.posthorn.server.assembly"
    };

    private static final Pattern WORDS = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");
    private static final Set<String> EMPTY_WORDS =
            Set.of(
                    "Manager",
                    "Helper",
                    "Util",
                    "Utils",
                    "Impl",
                    "Abstract",
                    "Base",
                    "Data",
                    "Info");

    private static final Set<String> AMBIENT =
            Set.of(
                    "java.lang.System.currentTimeMillis",
                    "java.lang.Math.random",
                    "java.time.Clock.systemUTC",
                    "java.time.Clock.systemDefaultZone",
                    "java.time.Instant.now",
                    "java.time.InstantSource.system",
                    "java.time.LocalDateTime.now",
                    "java.time.OffsetDateTime.now",
                    "java.time.ZonedDateTime.now",
                    "java.util.Random.<init>",
                    "java.util.UUID.randomUUID",
                    "java.util.concurrent.ThreadLocalRandom.current",
                    "java.security.SecureRandom.<init>");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(place -> !place.contains("/org/posthorn/integration/"))
                    .importPackages("org.posthorn");

    @Test
    void noNameHoldsAWordThatSaysNothing() {
        assertThat(CLASSES.stream().filter(CodeRulesTest::hasEmptyWord).map(JavaClass::getName))
                .isEmpty();
    }

    /// `DATA` alone is the SMTP command.
    private static boolean hasEmptyWord(JavaClass type) {
        String name = type.getSimpleName();
        return !name.equals("Data") && WORDS.splitAsStream(name).anyMatch(EMPTY_WORDS::contains);
    }

    @Test
    void noClassIsAbstract() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .should()
                .notHaveModifier(JavaModifier.ABSTRACT)
                .because("we compose, and alternatives are sealed interfaces")
                .check(CLASSES);
    }

    @Test
    void everyClassLogsBySlf4j() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging")
                .check(CLASSES);
    }

    @Test
    void timeAndChanceComeThroughConstructors() {
        noClasses()
                .that()
                .resideOutsideOfPackages(COMPOSITION_ROOTS)
                .should()
                .callCodeUnitWhere(describe("it asks the world", CodeRulesTest::isAmbient))
                .check(CLASSES);
    }

    /// A clock that is told to tick in a zone, or a generator with its seed, asks nobody.
    private static boolean isAmbient(JavaCall<?> call) {
        CodeUnitCallTarget target = call.getTarget();
        return target.getRawParameterTypes().isEmpty()
                && AMBIENT.contains(target.getOwner().getName() + "." + target.getName());
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .should()
                .callMethodWhere(describe("it sleeps", CodeRulesTest::sleeps))
                .check(CLASSES);
    }

    private static boolean sleeps(JavaCall<?> call) {
        return call.getTarget().getName().equals("sleep")
                && Set.of("java.lang.Thread", "java.util.concurrent.TimeUnit")
                        .contains(call.getTarget().getOwner().getName());
    }
}
