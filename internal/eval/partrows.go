package eval

import (
	_ "embed"
	"encoding/json"
	"slices"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// partLabels and settingLabels are the rows of the parts lists and of the settings
// of the real manuals, read by eye; labels/README.md describes them.
//
//go:embed labels/parts.jsonl
var partLabels []byte

//go:embed labels/settings.jsonl
var settingLabels []byte

// partIndex measures the index of parts. A row without a number is named by its
// description.
func partIndex() rowIndex {
	return rowIndex{
		name: "parts", fields: []string{"description", "item", "quantity", "models"}, same: sameName,
		labels: func() ([]RowLabel, map[string]RowPages, error) { return readRowLabels(partLabels, partLabel) },
	}
}

func partLabel(data []byte) (RowLabel, error) {
	var l struct {
		Page        int      `json:"page"`
		Item        string   `json:"item"`
		Number      string   `json:"number"`
		Description string   `json:"description"`
		Quantity    string   `json:"quantity"`
		Models      []string `json:"models"`
		Unclear     []string `json:"unclear"`
		Source      string   `json:"source"`
		Optional    bool     `json:"optional"`
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return RowLabel{}, err
	}
	out := RowLabel{Page: l.Page, Keys: texts(l.Number), Source: l.Source, Optional: l.Optional, Texts: map[string][]string{
		"description": texts(l.Description), "item": texts(l.Item), "quantity": texts(l.Quantity), "models": texts(l.Models...),
	}}
	if len(out.Keys) == 0 {
		out.Keys = texts(l.Description)
	}
	for _, f := range l.Unclear {
		delete(out.Texts, f)
	}
	return out, nil
}

// settingIndex measures the index of settings. One without a name is named by its
// title.
func settingIndex() rowIndex {
	return rowIndex{
		name: "settings", fields: []string{"title", "default", "range", "options", "meaning"}, same: sameName,
		labels: func() ([]RowLabel, map[string]RowPages, error) { return readRowLabels(settingLabels, settingLabel) },
	}
}

func settingLabel(data []byte) (RowLabel, error) {
	var l struct {
		Page     int      `json:"page"`
		Name     string   `json:"name"`
		Title    string   `json:"title"`
		Default  string   `json:"default"`
		Range    string   `json:"range"`
		Options  []string `json:"options"`
		Meaning  string   `json:"meaning"`
		Source   string   `json:"source"`
		Optional bool     `json:"optional"`
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return RowLabel{}, err
	}
	out := RowLabel{Page: l.Page, Keys: texts(l.Name), Source: l.Source, Optional: l.Optional, Texts: map[string][]string{
		"title": texts(l.Title), "default": texts(l.Default), "range": texts(l.Range), "options": texts(l.Options...), "meaning": texts(l.Meaning),
	}}
	if len(out.Keys) == 0 {
		out.Keys = texts(l.Title)
	}
	return out, nil
}

// misread is the share of the letters of a name that OCR may take for others: the
// row is the right one still, and its description counts as inexact. A number has
// to be right.
const misread = 0.2

// sameName compares numbers and names as printed; spaces and signs do not count.
func sameName(extracted string, l *RowLabel) bool {
	got := textnorm.Key(extracted)
	return slices.ContainsFunc(l.Keys, func(k string) bool {
		want := textnorm.Key(k)
		limit := 0
		if slices.Contains(l.Texts["description"], k) && l.Source == "ocr" {
			limit = int(misread * float64(len(want)))
		}
		return want == got || limit > 0 && textnorm.EditDistance(want, got, limit) <= limit
	})
}
