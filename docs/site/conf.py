"""Sphinx's settings. The pages are assembled by `build.py`, which calls Sphinx on them."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from mlsd_kit import __version__  # noqa: E402

project = "ML System Design"
author = "the contributors"
version = release = __version__
html_title = project
language = "en"

extensions = [
    "myst_nb",
    "sphinx_design",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "mathml",
    "docstrings",
]

# notebooks are shown as they were executed and committed
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # the default loads two scripts from elsewhere
suppress_warnings = ["mystnb.unknown_mime_type"]  # a claim's JSON, beside the HTML that is shown
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_dmath_allow_space = False  # "5 $ or 10 $" is money
myst_dmath_allow_digits = False
myst_heading_anchors = 3

# the kit's docstrings: NumPy's sections, names in single backticks
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("ArrayLike", "NDArray")}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False  # types are sentences here, not names to link
add_module_names = False
python_maximum_signature_line_length = 80

# no request leaves the page: formulas are MathML, and search reads no other file
html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_show_search_summary = False
html_copy_source = False
html_show_sphinx = html_show_copyright = False
html_favicon = str(HERE / "static" / "favicon.svg")
pygments_style = "tango"
pygments_dark_style = "github-dark"
