package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A part is a component of the image.
type part struct {
	kind    string // the type of a package URL: golang, pypi, deb, generic
	name    string
	version string
	license string // an SPDX expression; "" if it was not recognized
	purl    string // package URL
}

// The fields of an SPDX 2.3 document that are needed here: https://spdx.github.io/spdx-spec/v2.3/
type (
	document struct {
		Version       string         `json:"spdxVersion"`
		DataLicense   string         `json:"dataLicense"`
		ID            string         `json:"SPDXID"`
		Name          string         `json:"name"`
		Namespace     string         `json:"documentNamespace"`
		Creation      creation       `json:"creationInfo"`
		Packages      []spdxPackage  `json:"packages"`
		Extracted     []extracted    `json:"hasExtractedLicensingInfos,omitempty"`
		Relationships []relationship `json:"relationships"`
	}
	creation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		Name          string        `json:"name"`
		ID            string        `json:"SPDXID"`
		Version       string        `json:"versionInfo,omitempty"`
		Download      string        `json:"downloadLocation"`
		FilesAnalyzed bool          `json:"filesAnalyzed"`
		Concluded     string        `json:"licenseConcluded"`
		Declared      string        `json:"licenseDeclared"`
		Copyright     string        `json:"copyrightText"`
		Refs          []externalRef `json:"externalRefs,omitempty"`
	}
	externalRef struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	extracted struct {
		ID   string `json:"licenseId"`
		Name string `json:"name"`
		Text string `json:"extractedText"`
	}
	relationship struct {
		From string `json:"spdxElementId"`
		Type string `json:"relationshipType"`
		To   string `json:"relatedSpdxElement"`
	}
)

const (
	noAssertion = "NOASSERTION"
	imageID     = "SPDXRef-image"
)

var licenseRef = regexp.MustCompile(`LicenseRef-[A-Za-z0-9.-]+`)

// write writes the document of the parts. The same parts at the same time (SOURCE_DATE_EPOCH)
// produce the same bytes.
func write(file string, parts []part) error {
	slices.SortFunc(parts, func(a, b part) int {
		return strings.Compare(a.purl, b.purl)
	})
	parts = slices.CompactFunc(parts, func(a, b part) bool { return a.purl == b.purl })
	now := time.Now()
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		var seconds int64
		if _, err := fmt.Sscan(epoch, &seconds); err != nil {
			return fmt.Errorf("SOURCE_DATE_EPOCH=%s: %w", epoch, err)
		}
		now = time.Unix(seconds, 0)
	}
	d := document{
		Version: "SPDX-2.3", DataLicense: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: "trafficlab",
		Creation: creation{now.UTC().Format("2006-01-02T15:04:05Z"), []string{"Tool: trafficlab-sbom"}},
		Packages: []spdxPackage{{Name: "trafficlab", ID: imageID, Download: noAssertion, Concluded: noAssertion,
			Declared: "Apache-2.0", Copyright: noAssertion}},
		Relationships: []relationship{{"SPDXRef-DOCUMENT", "DESCRIBES", imageID}},
	}
	refs := map[string]bool{}
	sum := sha256.New()
	for _, p := range parts {
		fmt.Fprintln(sum, p.purl)
		id := "SPDXRef-" + notInID.ReplaceAllString(p.kind+"-"+p.name+"-"+p.version, "-")
		declared := p.license
		if declared == "" {
			declared = noAssertion
		}
		for _, ref := range licenseRef.FindAllString(declared, -1) {
			refs[ref] = true
		}
		d.Packages = append(d.Packages, spdxPackage{Name: p.name, ID: id, Version: p.version, Download: noAssertion,
			Concluded: noAssertion, Declared: declared, Copyright: noAssertion,
			Refs: []externalRef{{"PACKAGE-MANAGER", "purl", p.purl}}})
		d.Relationships = append(d.Relationships, relationship{imageID, "CONTAINS", id})
	}
	d.Namespace = "https://github.com/trafficlab/trafficlab/sbom/" + hex.EncodeToString(sum.Sum(nil)[:16])
	for ref := range refs {
		name := strings.TrimPrefix(ref, "LicenseRef-")
		d.Extracted = append(d.Extracted, extracted{ref, name, "The text is in the package itself, or below " +
			"licenses/ beside this file."})
	}
	slices.SortFunc(d.Extracted, func(a, b extracted) int { return strings.Compare(a.ID, b.ID) })
	data, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9.-]+`)
