package dev.touchstone.suite.page;

import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** Fills the templates that stand beside this class; a text in HTML is escaped by the template. */
final class Templates {
  private static final Version SYNTAX = Configuration.VERSION_2_3_34;

  private final Configuration configuration = new Configuration(SYNTAX);

  Templates() {
    configuration.setClassForTemplateLoading(Templates.class, "");
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    configuration.setLocale(Locale.ROOT);
    configuration.setNumberFormat("computer");
    configuration.setRecognizeStandardFileExtensions(true);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
  }

  /**
   * A template with a model in it.
   *
   * @throws IllegalStateException when the template asks for what the model does not have
   */
  String fill(String template, Map<String, ?> model) {
    StringWriter filled = new StringWriter();
    try {
      configuration.getTemplate(template).process(model, filled);
    } catch (IOException | TemplateException e) {
      throw new IllegalStateException(template + " cannot be filled: " + e.getMessage(), e);
    }
    return filled.toString();
  }

  /** A file beside the templates, as it is. */
  static String file(String name) {
    try (InputStream in = Templates.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(name + " cannot be read", e);
    }
  }
}
