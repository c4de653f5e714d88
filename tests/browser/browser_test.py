"""Opens the report pages in Chromium and uses them as a reader does.

WRITE_SAMPLES: the program that writes the pages. CHROMIUM: the browser; without one the tests are
skipped. SCREENSHOTS: a folder for pictures, for looking at the pages by eye.
"""

import os
import shutil
import subprocess
import tempfile
import unittest

from browser import Browser

CHROMIUM = shutil.which(os.environ.get("CHROMIUM") or "chromium")
SCREENSHOTS = os.environ.get("SCREENSHOTS")
NAMES = ".numeric .frow .path"


def setUpModule():
    if not CHROMIUM:
        raise unittest.SkipTest("no Chromium")
    global folder, browser
    folder = tempfile.mkdtemp(prefix="pages-")
    subprocess.run([os.environ["WRITE_SAMPLES"], folder], check=True)
    browser = Browser(CHROMIUM)


def tearDownModule():
    browser.close()
    shutil.rmtree(folder)


class PageTest(unittest.TestCase):
    page_name = None

    def setUp(self):
        self.page = browser.open(os.path.join(folder, self.page_name))
        self.addCleanup(self.page.close)

    def tearDown(self):
        self.assertEqual(self.page.complaints(), [])
        self.assertEqual(self.page.requests(), [])
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        self.assertFalse(wide, "the page scrolls sideways at 1280 pixels")

    def shoot(self, name):
        if SCREENSHOTS:
            self.page.screenshot(os.path.join(SCREENSHOTS, name + ".png"))


class WideStatisticsTest(PageTest):
    page_name = "wide.html"

    def test_draws_only_what_is_seen(self):
        self.assertEqual(self.page.texts(".numeric h3"), ["Numeric features 2000"])
        self.assertEqual(self.page.texts(".categorical h3"), ["Categorical features 1000"])
        self.assertLess(self.page.count(".frow"), 80)
        self.assertGreater(self.page.count(".frow svg.spark .bar"), 100)
        self.assertLess(os.path.getsize(os.path.join(folder, self.page_name)), 6_000_000)

    def test_text_of_the_data_stays_text(self):
        first = self.page.texts(NAMES)[0]
        self.assertTrue(first.startswith("</script><img src=x"), first)
        self.assertEqual(self.page.count("img"), 0)
        self.assertEqual(self.page.evaluate("document.title"), "Wide <table>")
        self.assertEqual(self.page.texts(".flag"), ["Hostile <b>name</b>"])

    def test_scrolls_to_the_end(self):
        self.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        self.page.frame()
        self.assertIn("text_0999", self.page.texts(".categorical .frow .path"))
        self.assertNotIn("number_0001", self.page.texts(NAMES))
        self.assertLess(self.page.count(".frow"), 80)

    def test_search_narrows(self):
        self.page.type("input[type=search]", "number_004")
        wanted = [f"number_{i:04}" for i in range(40, 50)]
        self.assertEqual(self.page.texts(NAMES), wanted)
        self.assertEqual(self.page.texts(".numeric h3"), ["Numeric features 10 of 2000"])
        self.page.type("input[type=search]", "/^number_00(01|05)$/")
        self.assertEqual(self.page.texts(NAMES), ["number_0001", "number_0005"])
        self.page.type("input[type=search]", "no such feature")
        self.assertEqual(self.page.texts(".viewer > .empty:not([hidden])"), ["No feature matches."])

    def test_sorts_by_column_both_ways(self):
        self.page.click(".numeric [data-sort=max]")
        self.assertEqual(self.page.texts(NAMES)[0], "number_1999")
        self.page.click(".numeric [data-sort=max]")
        self.assertEqual(self.page.texts(NAMES)[1], "number_0001")
        self.page.click(".numeric [data-sort=missing]")
        self.assertEqual(self.page.texts(NAMES)[0], "number_0049")
        reds = self.page.texts(".numeric .frow:first-child .bad")
        self.assertEqual([red.replace("\u202f", " ") for red in reds], ["12.3 %", "12.3 %"])

    def test_filters(self):
        self.page.click(".chip.warn")
        self.assertEqual(self.page.texts(".numeric h3"), ["Numeric features 1 of 2000"])
        self.page.click(".chip.warn")
        types = self.page.texts(".chips .chip")
        self.page.click(".chips .chip", types.index("string"))
        self.assertEqual(self.page.texts(".numeric h3"), ["Numeric features 0 of 2000"])

    def test_a_row_opens_with_charts(self):
        self.page.type("input[type=search]", "number_0042")
        self.page.click(".numeric .frow > .trow")
        self.assertEqual(self.page.count(".detail svg.chart"), 1)
        self.assertEqual(self.page.count(".detail svg.chart .bar"), 10)
        self.assertEqual(self.page.count(".detail svg.chart .outline"), 1)
        self.page.click(".choice button", 1)  # quantiles
        self.assertEqual(self.page.count(".detail svg.chart .line"), 2)
        self.assertEqual(self.page.count(".detail svg.chart .dot"), 22)
        self.page.type("input[type=search]", "text_0007")
        self.page.click(".categorical .frow > .trow")
        self.assertEqual(self.page.texts(".detail .label")[:2], ["UA", "B6"])
        self.assertEqual(self.page.count(".detail svg.chart .bar"), 20)

    def test_one_data_set_alone(self):
        self.page.evaluate(
            "(() => { const s = document.querySelectorAll('.pair select')[1];"
            " s.value = ''; s.dispatchEvent(new Event('change')); })()"
        )
        self.page.frame()
        self.assertEqual(self.page.count(".numeric .frow:first-child .v.s1"), 0)
        self.assertEqual(self.page.count(".difference"), 0)

    def test_a_narrow_window_keeps_what_matters(self):
        page = browser.open(os.path.join(folder, self.page_name), width=400)
        self.addCleanup(page.close)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        self.assertFalse(wide, "the page scrolls sideways at 400 pixels")
        seen = page.evaluate(
            "[...document.querySelectorAll('.numeric .thead > div')]"
            ".filter(e => e.offsetWidth > 0).map(e => e.textContent)"
        )
        self.assertEqual(seen, ["feature", "missing", "diff", "distribution"])
        page.click(".numeric .frow > .trow")
        self.assertEqual(page.count(".detail svg.chart"), 1)

    def test_keyboard(self):
        self.page.press("/")
        self.assertEqual(self.page.evaluate("document.activeElement.type"), "search")
        self.page.evaluate("document.querySelector('.frow > .trow').focus()")
        self.page.press("ArrowDown")
        focused = "document.activeElement.parentElement.dataset.key"
        self.assertEqual(self.page.evaluate(focused), "number_0001")
        self.page.press("Enter")
        self.assertEqual(self.page.evaluate(focused), "number_0001")
        self.assertEqual(self.page.count(".detail"), 1)

    def test_pictures(self):
        self.shoot("wide_light")


class RunTest(PageTest):
    page_name = "run.html"

    def test_head_and_graph(self):
        self.assertEqual(self.page.texts("h1"), ["flights_delay 2026-11-23T13-05-09"])
        self.assertIn("2026-11-23 13:05 UTC", self.page.texts(".summary span"))
        marks = ["✓ Model blessing", "✓ Infra validation", "✓ Push"]
        self.assertEqual(self.page.texts(".mark"), marks)
        self.assertEqual(self.page.count(".graph .node"), 11)
        self.assertEqual(self.page.count(".graph .node.cached"), 1)
        self.assertEqual(self.page.count(".graph .edge"), 15)
        self.shoot("run_overview")

    def test_boxes_of_the_graph_do_not_overlap(self):
        overlaps = self.page.evaluate(
            "(() => { const b = [...document.querySelectorAll('.graph .box')]"
            ".map(e => e.getBoundingClientRect()); let n = 0;"
            " b.forEach((p, i) => b.slice(i + 1).forEach(q => {"
            " if (p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom) n++;"
            " })); return n; })()"
        )
        self.assertEqual(overlaps, 0)

    def test_a_step_shows_its_details(self):
        self.page.click("[data-step=Trainer]")
        self.assertEqual(self.page.texts(".stepdetail h3"), ["Trainer"])
        paths = self.page.texts(".stepdetail code.path")
        self.assertIn("Trainer/model/8", paths)
        self.assertEqual(self.page.count(".graph .edge.near"), 5)
        self.shoot("run_step")
        self.page.press("Escape")
        self.assertEqual(self.page.count(".stepdetail"), 0)

    def test_statistics_tab(self):
        self.page.click("#tab-statistics")
        self.assertEqual(self.page.texts(".legend b")[:2], ["train", "eval"])
        self.assertIn("dep_delay", self.page.texts(NAMES))
        self.assertEqual(self.page.texts(".numeric .meta .bad"), ["14 NaN, 4 infinite"])
        self.page.click(".numeric .frow > .trow")
        self.shoot("run_statistics")

    def test_schema_tab(self):
        self.page.click("#tab-schema")
        titles = ["Schema of CuratedSchema by which ExampleValidator judged", "Schema of SchemaGen"]
        self.assertEqual(self.page.texts("#schema summary"), titles)
        self.assertEqual(self.page.count("#schema tbody tr"), 5)
        self.page.type("#schema input", "carrier")
        self.assertEqual(self.page.texts("#schema tbody b"), ["carrier"])
        notes = "drift L∞ ≤ 0.05, drift normalised absolute difference ≤ 0.2"
        self.assertIn(notes, self.page.texts("#schema tbody td"))
        self.page.click("#schema details:nth-of-type(2) summary")
        self.assertEqual(self.page.count("#schema table"), 2)
        self.shoot("run_schema")

    def test_training_tab(self):
        self.page.click("#tab-training")
        self.assertEqual(self.page.count("#training svg.chart .line"), 2)
        self.assertEqual(self.page.count("#training svg.chart .dot"), 40)
        self.assertIn("16\u202fs", self.page.texts("#training .figure dd"))
        self.shoot("run_training")

    def test_evaluation_tab(self):
        self.page.click("#tab-evaluation")
        self.assertEqual(self.page.texts("#evaluation .threshold.ok"), ["✓ ≥ 0.8", "✓ change ≥ -0.001"])
        self.assertEqual(self.page.count("#evaluation .plots svg.chart"), 3)
        self.assertEqual(self.page.count("#evaluation svg.slicebar"), 11)
        slices = "#evaluation section:last-child tbody td:first-child"
        self.assertEqual(self.page.texts(slices)[0], "Overall")
        self.page.click("#evaluation section:last-child th button", 2)
        self.assertEqual(self.page.texts(slices)[0], "carrier: UA")
        self.shoot("run_evaluation")

    def test_lineage_tab(self):
        self.page.click("#tab-lineage")
        self.assertIn("ExampleStatistics #2", self.page.texts("#lineage tbody td:first-child"))
        self.shoot("run_lineage")

    def test_printing_shows_every_tab(self):
        self.page.call("Emulation.setEmulatedMedia", media="print")
        hidden = self.page.evaluate(
            "[...document.querySelectorAll('.tabpanel')].filter(e => e.offsetHeight === 0).length"
        )
        self.assertEqual(hidden, 0)


class FailedRunTest(PageTest):
    page_name = "failed.html"

    def test_says_what_went_wrong(self):
        notes = self.page.texts(".note")
        self.assertTrue(any("InfraValidator failed: request 3 of 10" in note for note in notes))
        self.assertTrue(any("the model is not blessed" in note for note in notes))
        self.assertTrue(any("Split-zz/FeatureStats.pb" in note for note in notes), notes)
        self.assertEqual(self.page.texts(".stepdetail h3"), ["InfraValidator"])
        self.assertEqual(self.page.texts(".mark.bad"), ["✗ Model blessing"])
        self.assertEqual(self.page.count(".graph .node.skipped"), 2)
        self.shoot("failed_overview")

    def test_anomalies_lead_to_their_feature(self):
        self.page.click("#tab-anomalies")
        self.assertEqual(self.page.texts("#anomalies tbody .badge"), ["error", "warning"])
        judged = ["ExampleValidator judged by the schema of CuratedSchema"]
        self.assertEqual(self.page.texts("#anomalies .judged"), judged)
        self.shoot("failed_anomalies")
        self.page.click("#anomalies tbody .link")
        self.assertFalse(self.page.evaluate("document.getElementById('statistics').hidden"))
        self.assertEqual(self.page.texts(".frow.open .path"), ["carrier"])
        self.shoot("failed_statistics")

    def test_failed_threshold(self):
        self.page.click("#tab-evaluation")
        text = self.page.texts("#evaluation .note.error")[0]
        self.assertIn("auc in carrier: VX: change −0.012, wanted change ≥ -0.001", text)
        self.shoot("failed_evaluation")


if __name__ == "__main__":
    unittest.main()
