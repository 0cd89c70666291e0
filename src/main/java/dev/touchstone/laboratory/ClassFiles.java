package dev.touchstone.laboratory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Classes by their internal names ({@code java/lang/Object}): Touchstone's own as they were
 * compiled, without debug information, and of all others what they declare.
 */
final class ClassFiles {
  private final ClassLoader code;
  private final Map<String, ClassNode> read = new HashMap<>();
  private final Map<String, Set<ClassNode>> lineages = new HashMap<>();

  ClassFiles(ClassLoader code) {
    this.code = code;
  }

  /** The internal name of a class. */
  static String name(Class<?> type) {
    return Type.getInternalName(type);
  }

  /** Whether Touchstone's own code is under that name. */
  static boolean own(String name) {
    return name.startsWith("dev/touchstone/");
  }

  /** The class of a name. */
  ClassNode get(String name) {
    return read.computeIfAbsent(name, own(name) ? this::parsed : ClassFiles::declared);
  }

  private ClassNode parsed(String name) {
    ClassNode parsed = new ClassNode();
    try (InputStream file = code.getResourceAsStream(name + ".class")) {
      if (file == null) {
        throw new IllegalStateException("Touchstone's own class " + name + " is not to be found");
      }
      new ClassReader(file).accept(parsed, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    } catch (IOException e) {
      throw new UncheckedIOException("Touchstone's own class " + name + " cannot be read", e);
    }
    return parsed;
  }

  /** By reflection, since the JDK's own class files may be of a version ASM does not know. */
  private static ClassNode declared(String name) {
    ClassNode declared = new ClassNode();
    declared.name = name;
    try {
      Class<?> type =
          Class.forName(name.replace('/', '.'), false, ClassFiles.class.getClassLoader());
      if (type.getSuperclass() != null) {
        declared.superName = name(type.getSuperclass());
      }
      for (Class<?> each : type.getInterfaces()) {
        declared.interfaces.add(name(each));
      }
      for (Method each : type.getDeclaredMethods()) {
        String descriptor = Type.getMethodDescriptor(each);
        declared.methods.add(
            new MethodNode(each.getModifiers(), each.getName(), descriptor, null, null));
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("a class that Touchstone extends is missing", e);
    }
    return declared;
  }

  /** A class, its superclasses, and all interfaces of any. */
  Set<ClassNode> lineage(String name) {
    Set<ClassNode> known = lineages.get(name);
    if (known == null) {
      known = new LinkedHashSet<>();
      ClassNode type = get(name);
      known.add(type);
      if (type.superName != null) {
        known.addAll(lineage(type.superName));
      }
      for (String each : type.interfaces) {
        known.addAll(lineage(each));
      }
      lineages.put(name, known);
    }
    return known;
  }
}
