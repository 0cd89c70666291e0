package dev.touchstone.suite.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimLinksTest {
  private static final String INDEX =
      "<a href=\"allure/index.html#claim=exp1:p01/pc1\">17.7%</a><a href=\"allure/index.html#claim=exp1:p02\">2</a>";

  @TempDir private Path reports;

  @Test
  void aLinkGetsTheNumberOfItsClaimsPage() throws IOException {
    write("index.html", INDEX);
    String history = "d('history/history.json','e30=')\n";
    write("allure/index.html", "<script>\n" + history + test("1a2b", "exp1:p01/pc1") + "</script>");

    ClaimLinks.main(new String[] {reports.toString()});

    assertThat(Files.readString(reports.resolve("index.html")))
        .as("and the first page where Allure has none")
        .isEqualTo(
            "<a href=\"allure/index.html#testresult/1a2b\">17.7%</a>"
                + "<a href=\"allure/index.html#claim=exp1:p02\">2</a>");
    assertThat(reports.resolve("allure-history/history.json")).hasContent("{}");
  }

  @Test
  void withoutAllureTheLinksStay() throws IOException {
    write("index.html", INDEX);
    ClaimLinks.main(new String[] {reports.toString()});
    assertThat(Files.readString(reports.resolve("index.html"))).isEqualTo(INDEX);
  }

  private static String test(String number, String claim) {
    String json = "{\"uid\":\"%s\",\"fullName\":\"%s\"}".formatted(number, claim);
    return "d('data/test-cases/%s.json','%s')\n"
        .formatted(
            number, Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8)));
  }

  private void write(String name, String text) throws IOException {
    Path file = reports.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
