package org.posthorn.server.management;

import org.posthorn.api.config.Help;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Arrays;

import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/// Exports MXBeans as `org.posthorn:type=NAME`, described by what their interfaces say in [Help].
/// Safe for use by many threads.
public final class Management {
    private final MBeanServer server;

    /// Makes one.
    public Management(MBeanServer server) {
        this.server = server;
    }

    /// Returns what a bean is called.
    ///
    /// @param contract an interface called `SomethingMXBean`
    public static ObjectName name(Class<?> contract) {
        String type = contract.getSimpleName().replaceFirst("MXBean$", "");
        try {
            return new ObjectName("org.posthorn", "type", type);
        } catch (JMException e) {
            throw new IllegalArgumentException(contract + " cannot be exported", e);
        }
    }

    /// Exports a bean.
    ///
    /// @return takes it back
    public <T> AutoCloseable export(Class<T> contract, T bean) {
        ObjectName name = name(contract);
        try {
            server.registerMBean(new Described<>(bean, contract), name);
        } catch (JMException e) {
            throw new IllegalStateException(name + " cannot be exported: " + e.getMessage(), e);
        }
        return () -> server.unregisterMBean(name);
    }

    /// An MXBean with the descriptions of its contract.
    private static final class Described<T> extends StandardMBean {
        private final Class<T> contract;

        private Described(T bean, Class<T> contract) {
            super(bean, contract, true);
            this.contract = contract;
        }

        @Override
        protected String getDescription(MBeanInfo bean) {
            return help(contract, super.getDescription(bean));
        }

        @Override
        protected String getDescription(MBeanAttributeInfo attribute) {
            String getter = (attribute.isIs() ? "is" : "get") + attribute.getName();
            return help(method(getter), super.getDescription(attribute));
        }

        @Override
        protected String getDescription(MBeanOperationInfo operation) {
            return help(method(operation.getName()), super.getDescription(operation));
        }

        @Override
        protected String getDescription(
                MBeanOperationInfo operation, MBeanParameterInfo parameter, int index) {
            return help(
                    method(operation.getName()).getParameters()[index],
                    super.getDescription(operation, parameter, index));
        }

        @Override
        protected String getParameterName(
                MBeanOperationInfo operation, MBeanParameterInfo parameter, int index) {
            return method(operation.getName()).getParameters()[index].getName();
        }

        /// Names are not overloaded in our contracts.
        private Method method(String name) {
            return Arrays.stream(contract.getMethods())
                    .filter(method -> method.getName().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        private static String help(AnnotatedElement element, String otherwise) {
            Help help = element.getAnnotation(Help.class);
            return help == null ? otherwise : help.value();
        }
    }
}
