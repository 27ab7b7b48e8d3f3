#!/usr/bin/env python3
"""Asks a PostgreSQL 15 server about random texts and queries: text_search.tsv. Each line: what is asked, its arguments, the answer. Blank tokens are left out: where they are cut in two means nothing."""
import random, subprocess

random.seed(15)
WORDS = ('''the a cat running foo-bar e-mail naïve été Straße x1 1x 42 3.14 1e5 -7 +3 COVID-19 don't it's U.S. e.g. a.b.com http://x.org/a?b=c www.site.co.uk me@my.org /usr/bin/x ./rel ../up a/b 1/2 '''
         '''v1.2.3 1.2.3.4 &amp; &#39; <b> </b> <br/> <a href="x">y</a> hello, (world) [x] {y} $5.00 50% #tag @user C++ C# x=y a_b snake_case_name foo.bar() obj->m A&B AT&T -- - + * / ... .. . , ; : ! ? " ' '''
         '''2024-01-15 12:30:45 +1-555-1234 100,000 co-op-b x-1 1-x mother-in-law's 日本語 тест привет-мир''').split(' ')
QUERY_PIECES = ['the', 'cat', 'dogs', 'fat', 'or', '-', 'and', '"', '(', ')', '&', '|', '!', '<->', '<2>', ':*', "'", ',', 'foo-bar', 'a.com/x', '3.5', 'OR', '-rat', '"fat rat"', 'running', ':A', '<', "it's", 'of']
SENTENCE = ('the of a and cat dog fat rat mouse house garden running quickly brown search engine result document query terms many with under over between light dark city river in on at by to is was they').split()


def text():
    space = random.choice(['', ' '])
    return space.join(random.choice(WORDS) + random.choice(['', ' ', ' ']) for _ in range(random.randint(1, 6))).strip()


def vector():
    lexemes = []
    for word in random.sample(['a', 'b', 'c', 'ab', 'aa'], random.randint(0, 4)):
        places = ','.join(str(random.randint(1, 6)) + random.choice(['', '', 'A', 'B']) for _ in range(random.randint(0, 3)))
        lexemes.append(word + (':' + places if places else ''))
    return ' '.join(lexemes)


def query(depth, suffixes):
    kind = random.random()
    if depth == 0 or kind < .3:
        return random.choice('abc') + random.choice(suffixes)
    if kind < .45:
        return '!(' + query(depth - 1, suffixes) + ')'
    return '(' + query(depth - 1, suffixes) + random.choice([' & ', ' | ', ' <-> ', ' <2> ', ' <0> ', ' <3> ']) + query(depth - 1, suffixes) + ')'


def sentence():
    return ' '.join(random.choice(SENTENCE) + random.choice(['', '', '', '', '', ',', '.']) for _ in range(random.choice([5, 12, 25, 50, 90])))


asked = [('tokens', text(), '') for _ in range(400)]
asked += [('matches', vector(), query(random.randint(1, 4), ['', '', '', ':A', ':*', ':B'])) for _ in range(400)]
asked += [('rank', vector(), query(random.randint(1, 3), ['', '', ':A', ':B'])) for _ in range(300)]
for kind in ['to_tsquery', 'plainto_tsquery', 'phraseto_tsquery', 'websearch_to_tsquery']:
    asked += [(kind, random.choice([' ', '', ' ']).join(random.choice(QUERY_PIECES) for _ in range(random.randint(1, 6))), '') for _ in range(100)]
asked += [('headline', sentence(), random.choice(['cat', 'cat & dog', 'cat | dog', 'fat <-> cat', 'search & engine', '(cat | dog) & rat', 'river & query & cat', 'cat <2> dog'])) for _ in range(60)]

SQL = r'''
create function pg_temp.answer(kind text, a text, b text) returns text language plpgsql as $$
declare r text;
begin
    case kind
        when 'tokens' then r := (select string_agg(tokid || '[' || token || ']', ' ' order by n) from ts_parse('default', a) with ordinality p(tokid, token, n) where tokid <> 12);
        when 'matches' then r := a::tsvector @@ b::tsquery;
        when 'rank' then r := ts_rank(a::tsvector, b::tsquery);
        when 'headline' then r := ts_headline('english', a, to_tsquery('english', b));
        else execute ('select ' || kind || '(''english'', $1)::text') into r using a;
    end case;
    return coalesce(r, '');
exception when sqlstate '42601' then return 'ERROR';
end $$;
set client_min_messages = error;
create temp table asked (n serial, kind text, a text, b text);
copy asked (kind, a, b) from stdin;
%s
\.
copy (select kind, a, b, pg_temp.answer(kind, a, b) from asked order by n) to stdout;
'''
rows = '\n'.join('\t'.join(field.replace('\\', '\\\\') for field in row) for row in asked)
answer = subprocess.run(['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1'], input=SQL % rows, capture_output=True, text=True, encoding='utf-8', check=True).stdout
assert answer.count('\n') == len(asked)
with open('text_search.tsv', 'w', encoding='utf-8') as file:
    file.write(answer)
