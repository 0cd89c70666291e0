package dev.touchstone.laboratory;

import dev.touchstone.runtime.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.MethodRemapper;
import org.objectweb.asm.commons.Remapper;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.InnerClassNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * What can run of Touchstone's own code once some methods are called, as a hash over instructions,
 * constants and descriptors. Members that only their own file can name (private ones, lambdas,
 * classes without a name) are numbered in the order in which they are met, so that neither their
 * names nor the order of a file count; whatever else is called counts by its name.
 *
 * <p>A call reaches the method it names. It reaches what overrides that method only in classes of
 * which reached code makes objects; so does a call from outside, which may be to any method that is
 * declared there. A class that is named counts as initialized.
 */
final class ReachedCode extends Remapper {
  private static final int HIDDEN = Opcodes.ACC_PRIVATE | Opcodes.ACC_SYNTHETIC;

  private record Code(ClassNode type, MethodNode method) {}

  private final ClassFiles classes;
  private final MessageDigest digest = Sha256.digest();
  private final Map<String, String> names;
  private final Set<String> called;
  private final Set<String> made;
  private final Set<Code> reached;
  private final Queue<Code> waiting = new ArrayDeque<>();

  /** Nothing yet. */
  ReachedCode(ClassFiles classes) {
    super(Opcodes.ASM9);
    this.classes = classes;
    names = new HashMap<>();
    called = new HashSet<>();
    made = new LinkedHashSet<>();
    reached = new HashSet<>();
  }

  /** What is reached besides something that has been hashed. */
  ReachedCode(ReachedCode hashed) {
    super(Opcodes.ASM9);
    classes = hashed.classes;
    names = new HashMap<>(hashed.names);
    called = new HashSet<>(hashed.called);
    made = new LinkedHashSet<>(hashed.made);
    reached = new HashSet<>(hashed.reached);
  }

  /**
   * Calls a method, under all of its descriptors.
   *
   * @throws IllegalStateException when the class has none of that name
   */
  void enter(String type, String method) {
    List<MethodNode> methods =
        classes.get(type).methods.stream()
            .filter(each -> each.name.equals(method))
            .sorted(Comparator.comparing(each -> each.desc))
            .toList();
    if (methods.isEmpty()) {
      throw new IllegalStateException(
          "%s has no method %s, where computing is said to begin: name the one that computes now"
              .formatted(type.replace('/', '.'), method));
    }
    methods.forEach(each -> mapMethodName(type, each.name, each.desc));
  }

  /** The hash over all that is reached, and what else counts: sixteen hexadecimal digits. */
  String hash(String besides) {
    digest.update(besides.getBytes(StandardCharsets.UTF_8));
    do {
      while (!waiting.isEmpty()) {
        write(waiting.remove());
      }
      made.forEach(this::reachOverriding);
    } while (!waiting.isEmpty());
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  /** Writes a method as if it were all of a class, whose constants then stand in its own order. */
  private void write(Code code) {
    MethodNode method = code.method;
    ClassWriter writer = new ClassWriter(0);
    writer.visit(Opcodes.V17, 0, map(code.type.name), null, null, null);
    MethodVisitor written =
        new MethodRemapper(
            writer.visitMethod(
                method.access & (Opcodes.ACC_STATIC | Opcodes.ACC_SYNCHRONIZED),
                mapMethodName(code.type.name, method.name, method.desc),
                mapMethodDesc(method.desc),
                null,
                null),
            this);
    written.visitCode();
    method.tryCatchBlocks.forEach(block -> block.accept(written));
    method.instructions.accept(written);
    written.visitMaxs(method.maxStack, method.maxLocals);
    digest.update(writer.toByteArray());
  }

  private void reachOverriding(String type) {
    Map<String, List<Code>> declared = new TreeMap<>();
    for (ClassNode each : classes.lineage(type)) {
      for (MethodNode method : each.methods) {
        if ((method.access & (Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC)) == 0) {
          declared
              .computeIfAbsent(method.name + method.desc, name -> new ArrayList<>())
              .add(new Code(each, method));
        }
      }
    }
    declared.forEach(
        (name, all) -> {
          boolean outside = all.stream().anyMatch(each -> !ClassFiles.own(each.type.name));
          if (all.size() > 1 && (outside || called.contains(name))) {
            all.forEach(this::reach);
          }
        });
  }

  private void reach(Code code) {
    boolean runs = (code.method.access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0;
    if (runs && ClassFiles.own(code.type.name) && reached.add(code)) {
      waiting.add(code);
    }
  }

  @Override
  public String map(String type) {
    if (!ClassFiles.own(type)) {
      return type;
    }
    String known = names.get(type);
    if (known == null) {
      boolean hidden = false;
      for (InnerClassNode each : classes.get(type).innerClasses) {
        boolean nameless = each.outerName == null;
        hidden |= each.name.equals(type) && (nameless || (each.access & HIDDEN) != 0);
      }
      known = name(type, type, hidden);
      reach(type, "<clinit>", "()V");
    }
    return known;
  }

  @Override
  public String mapFieldName(String owner, String field, String descriptor) {
    if (!ClassFiles.own(owner)) {
      return field;
    }
    String known = names.get(owner + "." + field);
    if (known == null) {
      boolean hidden = false;
      for (FieldNode each : classes.get(owner).fields) {
        hidden |= each.name.equals(field) && (each.access & HIDDEN) != 0;
      }
      known = name(owner + "." + field, field, hidden);
    }
    return known;
  }

  @Override
  public String mapMethodName(String owner, String method, String descriptor) {
    if (!ClassFiles.own(owner)) {
      return method;
    }
    String known = names.get(owner + "." + method + descriptor);
    if (known == null) {
      boolean hidden = false;
      for (MethodNode each : classes.get(owner).methods) {
        boolean same = each.name.equals(method) && each.desc.equals(descriptor);
        hidden |= same && (each.access & Opcodes.ACC_PRIVATE) != 0 && !method.startsWith("<");
      }
      known = name(owner + "." + method + descriptor, method, hidden);
      if (!hidden) {
        called.add(method + descriptor);
      }
      if (method.equals("<init>") && made.add(owner)) {
        for (ClassNode each : classes.lineage(owner)) {
          digest.update((map(each.name) + "\n").getBytes(StandardCharsets.UTF_8));
        }
      }
      reach(owner, method, descriptor);
    }
    return known;
  }

  /** What the one with that key is called from now on. */
  private String name(String key, String own, boolean hidden) {
    String name = hidden ? "#" + names.size() : own;
    names.put(key, name);
    return name;
  }

  /** Wherever it is declared among the superclasses and interfaces. */
  private void reach(String owner, String method, String descriptor) {
    for (ClassNode type : classes.lineage(owner)) {
      for (MethodNode each : type.methods) {
        if (each.name.equals(method) && each.desc.equals(descriptor)) {
          reach(new Code(type, each));
        }
      }
    }
  }
}
