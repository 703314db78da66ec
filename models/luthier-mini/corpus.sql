-- The sentences that luthier-mini is pre-trained on and distilled with.
-- DuckDB SQL. Needs: SET VARIABLE data = 'folder with the sources that docs/shipped-model.md names';
-- Writes: corpus.parquet (column text), one sentence a row, in a fixed order.

CREATE TEMP TABLE banking AS
  SELECT text FROM read_csv(getvariable('data') || '/d-banking77/train.csv', header = true, all_varchar = true);

CREATE TEMP TABLE assistants AS
  SELECT row[1] AS text
  FROM (SELECT unnest(train) AS row FROM read_json(getvariable('data') || '/d-clinc150/data_full.json', columns = {train: 'VARCHAR[][]'}, maximum_object_size = 100000000));

CREATE TEMP TABLE paragraphs AS
  SELECT question AS text FROM read_json(getvariable('data') || '/d-gsm8k/train.jsonl')
  UNION ALL
  SELECT unnest(source) FROM read_json(getvariable('data') || '/d-scitldr/train.jsonl', columns = {source: 'VARCHAR[]'})
  UNION ALL
  SELECT unnest(string_split(content, '<|endoftext|>')) FROM read_text(getvariable('data') || '/d-tinystories-sample/tinystories_sample.txt')
  UNION ALL
  SELECT unnest(string_split_regex(replace(content, chr(13), ''), '\n\s*\n'))
  FROM read_text([getvariable('data') || '/d-char-corpora/' || book || '.txt' FOR book IN ['bronte', 'darwin', 'dubois']]);

-- RE2 has no look-behind: mark sentence ends, then split at the marks.
CREATE TEMP TABLE sentences AS
  SELECT unnest(string_split(regexp_replace(regexp_replace(text, '\s+', ' ', 'g'), '([.?!]["'')]?) ', '\1' || chr(1), 'g'), chr(1))) AS text
  FROM paragraphs;

-- All short requests, which are what the model is for, and 35,000 of the other sentences.
CREATE TEMP TABLE chosen AS
  SELECT trim(text) AS text FROM banking UNION SELECT trim(text) FROM assistants
  UNION
  (SELECT text FROM (SELECT DISTINCT trim(text) AS text FROM sentences)
   WHERE length(text) BETWEEN 20 AND 160 ORDER BY sha256(text) LIMIT 35000);

COPY (SELECT text FROM chosen WHERE length(text) BETWEEN 8 AND 400 ORDER BY sha256(text)) TO 'corpus.parquet' (FORMAT parquet);
