# SPDX-License-Identifier: Apache-2.0
# Print C files as FILE:LINE:TEXT with comments left out and strings emptied.
FNR == 1 { comment = 0 }
{
	line = $0
	out = ""
	while (line != "") {
		if (comment) {
			end = index(line, "*/")
			if (end == 0)
				break
			line = substr(line, end + 2)
			comment = 0
		} else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^'([^'\\]|\\.)*'/)) {
			out = out substr(line, 1, 1) substr(line, 1, 1)
			line = substr(line, RLENGTH + 1)
		} else if (substr(line, 1, 2) == "/*") {
			comment = 1
			line = substr(line, 3)
		} else {
			out = out substr(line, 1, 1)
			line = substr(line, 2)
		}
	}
	print FILENAME ":" FNR ":" out
}
