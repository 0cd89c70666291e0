package dev.touchstone.tensor;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * PyTorch's operators that do at once what takes several steps through memory otherwise, and that
 * DJL has no method for. They are called through TorchScript, whose text is the resource {@code
 * fused.torchscript}; around it a TorchScript file has only what says which class it holds.
 */
public final class Fused {
  private Fused() {}

  /** Loaded when first called; DJL frees a model that is no longer reachable. */
  private static final class Operators {
    static final Model MODEL = load();
  }

  /** GELU in its tanh form, x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2. Differentiable. */
  public static NDArray gelu(NDArray x) {
    return call("gelu", x);
  }

  /**
   * softmax(q.k / sqrt(d_head)) v over the keys up to the query's own position, without holding the
   * scores. Differentiable.
   *
   * @param query [batch, head, position, d_head]; {@code key} and {@code value} likewise
   * @return the same shape
   */
  public static NDArray causalAttention(NDArray query, NDArray key, NDArray value) {
    return call("causal_attention", query, key, value);
  }

  /**
   * rows x weight + bias, written over {@code into}. Not differentiable.
   *
   * @param rows [row, in]
   * @param weight [in, out]
   * @param bias [out]
   * @param into [row, out], contiguous
   * @return {@code into}
   */
  public static NDArray linear(NDArray rows, NDArray weight, NDArray bias, NDArray into) {
    return call("linear_into", bias, rows, weight, into);
  }

  /** The log-softmax of each row of [row, class], written over it on a CPU. */
  public static NDArray logSoftmax(NDArray x) {
    // The CPU's kernel has read a row when it writes it; of other devices' nobody says so.
    return x.getDevice().equals(Device.cpu()) ? call("log_softmax_in_place", x) : x.logSoftmax(1);
  }

  /** What the operators are in TorchScript: code that no class file has. */
  public static String source() {
    try (InputStream code = Fused.class.getResourceAsStream("fused.torchscript")) {
      return new String(code.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Touchstone's own operators cannot be read", e);
    }
  }

  private static NDArray call(String method, NDArray... arguments) {
    NDManager manager = arguments[0].getManager();
    try (NDArray name = manager.create("")) {
      name.setName("module_method:" + method);
      NDList inputs = new NDList(arguments);
      inputs.add(name);
      return Operators.MODEL
          .getBlock()
          .forward(new ParameterStore(manager, false), inputs, JniUtils.isGradMode())
          .singletonOrThrow();
    }
  }

  private static Model load() {
    Model model = Model.newInstance("fused", "PyTorch");
    try {
      model.load(new ByteArrayInputStream(archive()));
    } catch (IOException | MalformedModelException e) {
      throw new IllegalStateException("PyTorch does not read Touchstone's own operators", e);
    }
    return model;
  }

  /** A TorchScript file: a zip of the format's version, the code, no constants and an instance. */
  private static byte[] archive() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("version", "10\n".getBytes(StandardCharsets.US_ASCII));
    entries.put("code/__torch__.py", source().getBytes(StandardCharsets.UTF_8));
    entries.put("constants.pkl", pickle(")."));
    entries.put("data.pkl", pickle("c__torch__\nFused\n)\u0081}(X\b\0\0\0training\u0089ub."));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry("fused/" + entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }

  /** Protocol 2 of Python's pickle. */
  private static byte[] pickle(String operations) {
    return ("\u0080\u0002" + operations).getBytes(StandardCharsets.ISO_8859_1);
  }
}
