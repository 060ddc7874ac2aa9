# Reads JUnit XML reports (Surefire's and pytest's). Prints each failed test with its assertion, then
# "TOTAL tests failures skipped". A report is split at "<", so each record is one tag and its text.
BEGIN { RS = "<" }

FNR == 1 { counted = 0 }

function attribute(name,   text) {
  if (!match($0, "[ \t\n]" name "=\"[^\"]*\"")) return ""
  text = substr($0, RSTART, RLENGTH)
  sub(/^[^"]*"/, "", text)
  sub(/"$/, "", text)
  return text
}

function plain(text) {
  gsub(/&#10;|&#xA;|\n/, "\n      ", text)
  gsub(/&#9;|&#09;|&#x9;/, "\t", text)
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&quot;/, "\"", text)
  gsub(/&apos;/, "'", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

# Only the first suite of a file counts: its totals include what is nested, and text that a test
# printed may look like a tag.
/^testsuite[ \t\n]/ && !counted {
  counted = 1
  tests += attribute("tests")
  failures += attribute("failures") + attribute("errors")
  skipped += attribute("skipped")
}

/^testcase[ \t\n]/ { test = attribute("classname") "." attribute("name") }

/^(failure|error)[ \t\n]/ {
  message = attribute("message")
  if (message == "") message = attribute("type")
  # A fixture that fails takes all its tests along.
  printf "FAILED %s\n      %s\n", plain(test), message == told ? "like the one above" : plain(message)
  told = message
  inside = 1
  next
}

# Of the stack the first line within the test, wherever a "<" in the text has split it.
/^\/(failure|error)>/ { inside = 0 }

inside {
  split($0, lines, "\n")
  for (i = 1; i in lines; i++) {
    if (lines[i] ~ /^[ \t]*at .*Test[A-Za-z0-9_$]*\.java:[0-9]+/) {
      sub(/^[ \t]*/, "", lines[i])
      print "      " lines[i]
      inside = 0
      break
    }
  }
  delete lines
}

END { printf "TOTAL %d %d %d\n", tests, failures, skipped }
